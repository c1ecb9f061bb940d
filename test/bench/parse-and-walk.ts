/** The peer of our JSON reader: what a careful engineer writes in an afternoon. `JSON.parse`, then one walk that adds up the same sums
 *  per service and window, and keeps errors as they were parsed. It checks nothing, bounds nothing and interprets no error. */

interface Attribute {
  key: string;
  value?: { stringValue?: string; intValue?: string | number };
}

interface Span {
  kind?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: Attribute[];
  events?: { name?: string }[];
  status?: { code?: number };
}

interface Request {
  resourceSpans?: { resource?: { attributes?: Attribute[] }; scopeSpans?: { spans?: Span[] }[] }[];
}

interface Sums {
  spanCount: number;
  requestCount: number;
  requestErrorCount: number;
  callCount: number;
  callErrorCount: number;
  durationSumMs: number;
  durationsMs: number[];
  callees: Map<string, { callCount: number; errorCount: number; durationSumMs: number }>;
}

const WINDOW_MS = 60_000;

export function parseAndWalk(bytes: Uint8Array): { windows: Map<string, Sums>; errors: Span[] } {
  // what is measured is JSON.parse with as little as possible around it
  const request = JSON.parse(new TextDecoder().decode(bytes)) as Request;
  const windows = new Map<string, Sums>();
  const errors: Span[] = [];
  for (const { resource, scopeSpans = [] } of request.resourceSpans ?? []) {
    const service = textOf(resource?.attributes, "service.name") ?? "unknown_service";
    for (const { spans = [] } of scopeSpans) for (const span of spans) addSpan(windows, errors, service, span);
  }
  return { windows, errors };
}

function addSpan(windows: Map<string, Sums>, errors: Span[], service: string, span: Span): void {
  const { kind, status, attributes } = span;
  const endMs = Number(span.endTimeUnixNano) / 1e6;
  const durationMs = endMs - Number(span.startTimeUnixNano) / 1e6;
  const isServed = kind === 2 || kind === 5;
  const isError = status?.code === 2 || (!status?.code && kind === 2 && statusCodeOf(attributes) >= 500);
  const sums = sumsOf(windows, `${service}\n${Math.floor(endMs / WINDOW_MS)}`);
  sums.spanCount += 1;
  if (isServed) {
    sums.requestCount += 1;
    sums.durationSumMs += durationMs;
    sums.durationsMs.push(durationMs);
    if (isError) sums.requestErrorCount += 1;
  } else if (kind === 3 || kind === 4) {
    sums.callCount += 1;
    if (isError) sums.callErrorCount += 1;
    const peer = textOf(attributes, "peer.service") ?? textOf(attributes, "server.address");
    if (peer !== undefined) {
      const callee = sums.callees.get(peer) ?? { callCount: 0, errorCount: 0, durationSumMs: 0 };
      callee.callCount += 1;
      callee.durationSumMs += durationMs;
      if (isError) callee.errorCount += 1;
      sums.callees.set(peer, callee);
    }
  }
  if (isError || span.events?.some(({ name }) => name === "exception")) errors.push(span);
}

function sumsOf(windows: Map<string, Sums>, key: string): Sums {
  let sums = windows.get(key);
  if (sums === undefined) {
    sums = {
      spanCount: 0,
      requestCount: 0,
      requestErrorCount: 0,
      callCount: 0,
      callErrorCount: 0,
      durationSumMs: 0,
      durationsMs: [],
      callees: new Map(),
    };
    windows.set(key, sums);
  }
  return sums;
}

function textOf(attributes: readonly Attribute[] | undefined, key: string): string | undefined {
  return attributes?.find((attribute) => attribute.key === key)?.value?.stringValue;
}

function statusCodeOf(attributes: readonly Attribute[] | undefined): number {
  return Number(attributes?.find(({ key }) => key === "http.response.status_code")?.value?.intValue ?? 0);
}
