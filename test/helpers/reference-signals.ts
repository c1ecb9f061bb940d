/** The benchmarks' log and metric requests, beside the trace request of otlp-payloads.ts. Deterministic. */
import { asJson, int, nanos, resource, seeded, text } from "./otlp-payloads.ts";
import { encodeRequest } from "./otlp-proto.ts";

export interface SignalPayload {
  protobuf: Uint8Array;
  json: Uint8Array;
  recordCount: number;
}

const STACKTRACE = Array.from(
  { length: 24 },
  (_, frame) => `\tat com.example.shop.Layer${frame % 7}.call(Layer${frame % 7}.java:${10 + frame})`,
).join("\n");

/** 1 000 records with 6 attributes each, 2 % of them errors with stack traces. */
export function referenceLogs(untilMs: number): SignalPayload {
  const random = seeded(2);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  const logRecords = Array.from({ length: 1_000 }, (_, index) => {
    const isError = index % 50 === 49;
    const timeMs = untilMs - Math.floor(random() * 5_000);
    const order = Math.floor(random() * 1e6);
    return {
      timeUnixNano: nanos(timeMs),
      observedTimeUnixNano: nanos(timeMs, 400_000),
      severityNumber: isError ? 17 : pick([9, 9, 9, 13]),
      severityText: isError ? "ERROR" : "INFO",
      body: { stringValue: isError ? `order ${order} failed` : `order ${order} was placed and handed to shipping` },
      attributes: [
        text("logger.name", pick(["com.example.shop.Orders", "com.example.shop.Payments"])),
        text("thread.name", `http-nio-8080-exec-${Math.floor(random() * 64)}`),
        int("thread.id", Math.floor(random() * 64)),
        text("code.function.name", "com.example.shop.Orders.place"),
        text("enduser.id", hex(12)),
        text("http.route", pick(["/cart", "/checkout", "/items/:id"])),
        ...(isError
          ? [
              text("exception.type", "java.lang.IllegalStateException"),
              text("exception.message", `order ${order} is gone`),
              text("exception.stacktrace", `java.lang.IllegalStateException: the order is gone\n${STACKTRACE}`),
            ]
          : []),
      ],
      traceId: hex(32),
      spanId: hex(16),
    };
  });
  const from = resource("orders", text("service.version", "3.1"), text("service.instance.id", hex(32)));
  const request = { resourceLogs: [{ resource: from, scopeLogs: [{ scope: { name: "logback" }, logRecords }] }] };
  return { protobuf: encodeRequest("logs", request), json: asJson(request), recordCount: logRecords.length };
}

/** What a runtime's and an HTTP server's instrumentation send: gauges, sums and histograms, 1 000 points in all. */
export function referenceMetrics(untilMs: number): SignalPayload {
  const random = seeded(3);
  const timeUnixNano = nanos(untilMs);
  const startTimeUnixNano = nanos(untilMs - 60_000);
  const labels = (index: number) => [text("jvm.memory.pool.name", `pool-${index % 10}`), text("host.name", "node-7")];
  const numbers = () =>
    Array.from({ length: 40 }, (_, index) => ({
      startTimeUnixNano,
      timeUnixNano,
      asDouble: random() * 1e6,
      attributes: labels(index),
    }));
  const histograms = () =>
    Array.from({ length: 20 }, (_, index) => ({
      startTimeUnixNano,
      timeUnixNano,
      count: String(100 + index),
      sum: random() * 100,
      bucketCounts: Array.from({ length: 16 }, (_unused, bucket) => String(bucket)),
      explicitBounds: Array.from({ length: 15 }, (_unused, bucket) => 2 ** bucket),
      attributes: [text("http.route", `/route/${index}`), int("http.response.status_code", 200)],
    }));
  const metrics = [
    ...["jvm.memory.used", "jvm.memory.limit", "orders.pending", "orders.total", "app.score"].map((name) => ({
      name,
      unit: "1",
      sum: { aggregationTemporality: 2, isMonotonic: name === "orders.total", dataPoints: numbers() },
    })),
    ...["system.cpu.utilization", "app.temperature", "process.memory.usage", "app.level", "app.weight"].map((name) => ({
      name,
      gauge: { dataPoints: numbers() },
    })),
    ...Array.from({ length: 30 }, (_, index) => ({
      name: index < 10 ? "http.server.request.duration" : `app.duration.${index}`,
      unit: "s",
      histogram: { aggregationTemporality: 1, dataPoints: histograms() },
    })),
  ];
  const from = resource("orders", text("service.version", "3.1"));
  const request = { resourceMetrics: [{ resource: from, scopeMetrics: [{ scope: { name: "runtime" }, metrics }] }] };
  return { protobuf: encodeRequest("metrics", request), json: asJson(request), recordCount: 1_000 };
}
