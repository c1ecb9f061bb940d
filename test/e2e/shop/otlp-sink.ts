/** A tiny OTLP/HTTP receiver for tests: it keeps what arrives. It reads the JSON encoding only, so its senders must use `http/json`. */
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
}

export interface SeenSpan {
  service: string;
  environment: string;
  version: string;
  name: string;
  /** 2 = SERVER, 3 = CLIENT */
  kind: number;
  isError: boolean;
  attributes: Record<string, string | number | boolean>;
  exceptions: Record<string, string | number | boolean>[];
}

export interface SeenLog {
  service: string;
  severityNumber: number;
  body: string;
  attributes: Record<string, string | number | boolean>;
}

export interface SeenPoint {
  service: string;
  name: string;
  unit: string;
  value: number;
  attributes: Record<string, string | number | boolean>;
}

export interface OtlpSink {
  url: string;
  spans: SeenSpan[];
  logs: SeenLog[];
  points: SeenPoint[];
  requestCount(): number;
  close(): Promise<void>;
}

export async function startOtlpSink(): Promise<OtlpSink> {
  const spans: SeenSpan[] = [];
  const logs: SeenLog[] = [];
  const points: SeenPoint[] = [];
  let requestCount = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requestCount += 1;
      const raw = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
      const json = JSON.parse(body.toString("utf8"));
      spans.push(...readSpans(json));
      logs.push(...readLogs(json));
      points.push(...readPoints(json));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sink has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    logs,
    points,
    requestCount: () => requestCount,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

// the shapes below are OTLP/JSON as the official exporters send it; a test sink may trust them
// biome-ignore-start lint/suspicious/noExplicitAny: untyped JSON of a known sender
function readSpans(json: any): SeenSpan[] {
  return (json.resourceSpans ?? []).flatMap((resourceSpans: any) => {
    const resource = toRecord(resourceSpans.resource.attributes);
    return resourceSpans.scopeSpans
      .flatMap((scope: any) => scope.spans)
      .map((span: any) => ({
        service: resource["service.name"],
        environment: resource["deployment.environment.name"],
        version: resource["service.version"],
        name: span.name,
        kind: span.kind,
        isError: span.status?.code === 2,
        attributes: toRecord(span.attributes),
        exceptions: (span.events ?? [])
          .filter((event: any) => event.name === "exception")
          .map((event: any) => toRecord(event.attributes)),
      }));
  });
}

function readLogs(json: any): SeenLog[] {
  return (json.resourceLogs ?? []).flatMap((resourceLogs: any) => {
    const resource = toRecord(resourceLogs.resource.attributes);
    return resourceLogs.scopeLogs
      .flatMap((scope: any) => scope.logRecords)
      .map((log: any) => ({
        service: resource["service.name"],
        severityNumber: log.severityNumber,
        body: log.body?.stringValue ?? "",
        attributes: toRecord(log.attributes),
      }));
  });
}

function readPoints(json: any): SeenPoint[] {
  return (json.resourceMetrics ?? []).flatMap((resourceMetrics: any) => {
    const resource = toRecord(resourceMetrics.resource.attributes);
    return resourceMetrics.scopeMetrics
      .flatMap((scope: any) => scope.metrics)
      .flatMap((metric: any) =>
        (metric.gauge ?? metric.sum ?? metric.histogram ?? { dataPoints: [] }).dataPoints.map((point: any) => ({
          service: resource["service.name"],
          name: metric.name,
          unit: metric.unit,
          value: Number(point.asDouble ?? point.asInt ?? point.sum ?? 0),
          attributes: toRecord(point.attributes),
        })),
      );
  });
}
// biome-ignore-end lint/suspicious/noExplicitAny: end of the untyped JSON

function toRecord(attributes: KeyValue[] = []): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ??
        (value.intValue === undefined ? undefined : Number(value.intValue)) ??
        value.doubleValue ??
        value.boolValue ??
        "",
    ]),
  );
}
