/** OTLP requests of a small fleet, the same for the same seed: every signal, both encodings, errors that are reported twice,
 *  records that are too old, and a service that fails for a while. Event time moves on from request to request. */
import { gzipSync } from "node:zlib";
import type { ExportRequest } from "./otlp-exporter.ts";
import {
  asJson,
  int,
  logsRequest,
  metricsRequest,
  nanos,
  resource,
  seeded,
  text,
  tracesRequest,
} from "./otlp-payloads.ts";
import { encodeRequest } from "./otlp-proto.ts";

export interface LoadOptions {
  seed: number;
  /** services are called `<fleet>-0`, `<fleet>-1`, … */
  fleet: string;
  services: number;
  /** event time of the first request */
  fromMs: number;
  /** event time from one request to the next */
  stepMs: number;
}

/** Of a class that is beyond doubt whether a span or a log tells of them: the first report of a kind decides its class. */
const KINDS = ["TypeError", "ReadTimeoutError", "OutOfMemoryError", "SerializationError"];
const TOO_OLD_MS = 200 * 24 * 3_600_000;

/** Endless; the caller takes what it needs. */
export function* otlpLoad(options: LoadOptions): Generator<ExportRequest, never> {
  const random = seeded(options.seed);
  const pick = (count: number) => Math.floor(random() * count);
  const hex = (digits: number) => Array.from({ length: digits }, () => pick(16).toString(16)).join("");
  /** exceptions that were sent as span events and will be sent once more as log records */
  const twice: { service: number; record: object }[] = [];

  const spanAt = (service: number, timeMs: number, errorRatio: number): object => {
    const ids = { traceId: hex(32), spanId: hex(16) };
    const isError = random() < errorRatio;
    const time = { startTimeUnixNano: nanos(timeMs - 1 - pick(400)), endTimeUnixNano: nanos(timeMs) };
    const shared = { ...ids, ...time, name: "GET /items", kind: 2 + pick(3) };
    const attributes = [int("http.response.status_code", isError ? 500 : 200), text("server.address", "db.internal")];
    if (!isError) return { ...shared, attributes, status: {} };
    const kind = pick(KINDS.length);
    const exception = [
      text("exception.type", KINDS[kind]!),
      text("exception.message", `item ${pick(1_000)} cannot be read`),
      text(
        "exception.stacktrace",
        `${KINDS[kind]}: cannot be read\n    at read${kind} (/srv/app/read.js:${kind + 1}:7)`,
      ),
    ];
    if (random() < 0.5) {
      // With the same code, too: codes are a part of what errors are grouped by, and either report may be merged first.
      const record = {
        ...{ ...ids, timeUnixNano: nanos(timeMs), severityNumber: 17 },
        attributes: [...exception, int("http.response.status_code", 500)],
      };
      twice.push({ service, record });
    }
    const events = [{ name: "exception", timeUnixNano: nanos(timeMs), attributes: exception }];
    return { ...shared, attributes, events, status: { code: 2 } };
  };

  for (let index = 0; ; index++) {
    const timeMs = options.fromMs + index * options.stepMs;
    const service = pick(options.services);
    const from = resource(
      `${options.fleet}-${service}`,
      text("service.instance.id", `${pick(3)}`),
      text("deployment.environment.name", "production"),
    );
    const repeated = random() < 0.4 ? twice.shift() : undefined;
    if (repeated !== undefined) {
      const { attributes } = resource(
        `${options.fleet}-${repeated.service}`,
        text("deployment.environment.name", "production"),
      );
      yield exportRequest("logs", logsRequest([repeated.record], { attributes }), 1, { isJson: random() < 0.5 });
    } else if (random() < 0.2) {
      const points = [{ timeUnixNano: nanos(timeMs), asDouble: pick(100) / 128 }];
      const metric = { name: "db.client.connection.utilization", unit: "1", gauge: { dataPoints: points } };
      yield exportRequest("metrics", metricsRequest([metric], from), 1, { isJson: random() < 0.5 });
    } else {
      const errorRatio = service === 0 && Math.floor(index / 100) % 3 === 1 ? 0.8 : 0.1;
      const spans = Array.from({ length: 5 + pick(40) }, () => spanAt(service, timeMs - pick(3_000), errorRatio));
      const rejected = random() < 0.1 ? 1 : 0;
      if (rejected > 0) spans.push(spanAt(service, timeMs - TOO_OLD_MS, 0));
      yield exportRequest("traces", tracesRequest(spans, from), spans.length, { isJson: random() < 0.3, rejected });
    }
  }
}

export function exportRequest(
  signal: "traces" | "logs" | "metrics",
  request: object,
  recordCount: number,
  { isJson = true, rejected = 0 }: { isJson?: boolean; rejected?: number } = {},
): ExportRequest {
  return {
    path: `/v1/${signal}`,
    headers: isJson
      ? { "content-type": "application/json" }
      : { "content-type": "application/x-protobuf", "content-encoding": "gzip" },
    body: isJson ? asJson(request) : gzipSync(encodeRequest(signal, request)),
    recordCount,
    rejectedCount: rejected,
  };
}
