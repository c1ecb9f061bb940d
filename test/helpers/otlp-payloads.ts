/** Deterministic OTLP requests: the reference payload of the benchmarks, and small building blocks for tests. */
import { encodeRequest } from "./otlp-proto.ts";

export interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

export const text = (key: string, value: string): KeyValue => ({ key, value: { stringValue: value } });
export const int = (key: string, value: number): KeyValue => ({ key, value: { intValue: String(value) } });

export function resource(name: string, ...attributes: KeyValue[]): { attributes: KeyValue[] } {
  return { attributes: [text("service.name", name), ...attributes] };
}

/** @param spans of one service */
export function tracesRequest(spans: object[], from = resource("checkout")): object {
  return { resourceSpans: [{ resource: from, scopeSpans: [{ scope: { name: "test" }, spans }] }] };
}

export function logsRequest(logRecords: object[], from = resource("checkout")): object {
  return { resourceLogs: [{ resource: from, scopeLogs: [{ scope: { name: "test" }, logRecords }] }] };
}

export function metricsRequest(metrics: object[], from = resource("checkout")): object {
  return { resourceMetrics: [{ resource: from, scopeMetrics: [{ scope: { name: "test" }, metrics }] }] };
}

export function asJson(request: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(request));
}

/** @param timeMs whole milliseconds @returns the text of its nanoseconds */
export function nanos(timeMs: number, extraNanos = 0): string {
  return (BigInt(timeMs) * 1_000_000n + BigInt(extraNanos)).toString();
}

export interface ReferencePayload {
  protobuf: Uint8Array;
  json: Uint8Array;
  spanCount: number;
  errorCount: number;
}

export interface ReferenceOptions {
  seed?: number;
  spanCount?: number;
  /** share of spans that are errors with a stack trace */
  errorRatio?: number;
  /** end of the last span */
  untilMs?: number;
}

const STACKTRACE = Array.from(
  { length: 24 },
  (_, frame) =>
    `    at handler${frame} (/srv/app/node_modules/library-${frame % 7}/lib/module-${frame}.js:${10 + frame}:${5 + frame})`,
).join("\n");

/** 1 000 spans of 5 services with 10 attributes each, 2 % of them errors with stack traces, all within some seconds. */
export function referenceTraces(options: ReferenceOptions = {}): ReferencePayload {
  const { seed = 1, spanCount = 1_000, errorRatio = 0.02, untilMs = Date.UTC(2025, 0, 15, 12) } = options;
  const random = seeded(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  const serviceNames = ["web", "checkout", "payment", "inventory", "shipping"];
  let errorCount = 0;
  const errorEvery = errorRatio > 0 ? Math.round(1 / errorRatio) : Number.POSITIVE_INFINITY;

  const spans = Array.from({ length: spanCount }, (_, index) => {
    const isError = index % errorEvery === errorEvery - 1;
    if (isError) errorCount += 1;
    const kind = pick([1, 2, 2, 3, 3]);
    const endMs = untilMs - Math.floor(random() * 5_000);
    const durationNanos = Math.floor(random() * 200_000_000);
    const route = pick(["/cart", "/checkout", "/items/:id", "/login", "/pay"]);
    return {
      traceId: hex(32),
      spanId: hex(16),
      parentSpanId: hex(16),
      name: `${pick(["GET", "POST"])} ${route}`,
      kind,
      startTimeUnixNano: (BigInt(endMs) * 1_000_000n - BigInt(durationNanos)).toString(),
      endTimeUnixNano: nanos(endMs),
      attributes: [
        text("http.request.method", pick(["GET", "POST"])),
        text("http.route", route),
        text("url.scheme", "https"),
        text("url.path", `/items/${Math.floor(random() * 1e6)}`),
        int("http.response.status_code", isError ? 500 : 200),
        text("server.address", pick(["payment.internal", "inventory.internal", "db.internal"])),
        int("server.port", 8443),
        text("network.protocol.version", "1.1"),
        text(
          "user_agent.original",
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0",
        ),
        int("thread.id", Math.floor(random() * 64)),
      ],
      ...(isError
        ? {
            events: [
              {
                timeUnixNano: nanos(endMs),
                name: "exception",
                attributes: [
                  text("exception.type", pick(["TypeError", "TimeoutError", "ConnectionError"])),
                  text("exception.message", `request ${Math.floor(random() * 1e6)} failed: upstream did not answer`),
                  text("exception.stacktrace", `Error: upstream did not answer\n${STACKTRACE}`),
                ],
              },
            ],
            status: { code: 2, message: "upstream did not answer" },
          }
        : { status: {} }),
    };
  });

  const perService = Math.ceil(spanCount / serviceNames.length);
  const request = {
    resourceSpans: serviceNames.map((name, index) => ({
      resource: resource(
        name,
        text("service.version", "1.4.2"),
        text("service.instance.id", hex(32)),
        text("deployment.environment.name", "production"),
        text("telemetry.sdk.language", "nodejs"),
      ),
      scopeSpans: [
        {
          scope: { name: "@opentelemetry/instrumentation-http" },
          spans: spans.slice(index * perService, (index + 1) * perService),
        },
      ],
    })),
  };
  return { protobuf: encodeRequest("traces", request), json: asJson(request), spanCount, errorCount };
}

/** Mulberry32: small, seeded, good enough for payloads. @returns numbers in [0, 1) */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
