/** Drives the official OpenTelemetry SDK and exporters with telemetry of fixed content: two requests that belong together, one with
 *  an error, a log of the same exception, and metrics of a connection pool. What leaves is exactly what users' programs send. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as GrpcLogs } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonLogs } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogs } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as GrpcMetrics } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonMetrics } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetrics } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as GrpcTraces } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonTraces } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraces } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { Encoding } from "../../models/telemetry/summarise.ts";

const EXPORTERS = {
  protobuf: { traces: ProtobufTraces, logs: ProtobufLogs, metrics: ProtobufMetrics },
  json: { traces: JsonTraces, logs: JsonLogs, metrics: JsonMetrics },
  grpc: { traces: GrpcTraces, logs: GrpcLogs, metrics: GrpcMetrics },
};

export interface ExportOptions {
  /** of the OTLP server, without a path */
  url: string;
  /** protobuf and JSON are sent over HTTP */
  encoding: Encoding | "grpc";
  compression: "none" | "gzip";
  /** end of the spans and time of the log */
  atMs: number;
}

/** Resolves when everything was sent and acknowledged. */
export async function exportWithOfficialSdk({ url, encoding, compression, atMs }: ExportOptions): Promise<void> {
  const resource = resourceFromAttributes({
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.version": "1.4.2",
    "service.instance.id": "checkout-1",
    "deployment.environment.name": "staging",
    "telemetry.sdk.language": "nodejs",
  });
  // the exporters take the names that the enum stands for
  const common = (path: string) => ({
    url: encoding === "grpc" ? url : `${url}/v1/${path}`,
    compression: compression as never,
  });
  const { traces, logs, metrics } = EXPORTERS[encoding];

  const tracers = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new traces(common("traces")))],
    idGenerator: countingIds(),
  });
  const loggers = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new logs(common("logs")) })],
  });
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new metrics({ ...common("metrics"), temporalityPreference: AggregationTemporality.DELTA as never }),
        exportIntervalMillis: 3_600_000,
      }),
    ],
  });

  const tracer = tracers.getTracer("recorded", "1.0.0");
  const healthy = tracer.startSpan("GET /cart", {
    kind: SpanKind.SERVER,
    startTime: atMs - 30,
    attributes: { "http.request.method": "GET", "http.response.status_code": 200, "http.route": "/cart" },
  });
  healthy.end(atMs);
  const failing = tracer.startSpan("POST /pay", { kind: SpanKind.SERVER, startTime: atMs - 250 });
  const inFailing = trace.setSpan(ROOT_CONTEXT, failing);
  const call = tracer.startSpan(
    "POST payment",
    {
      kind: SpanKind.CLIENT,
      startTime: atMs - 240,
      attributes: { "server.address": "payment.internal", "http.response.status_code": 504, "error.type": "504" },
    },
    inFailing,
  );
  const error = new Error("payment did not answer — naïve ✓");
  error.name = "TimeoutError";
  error.stack = "TimeoutError: payment did not answer — naïve ✓\n    at pay (/srv/pay.js:1:1)";
  call.recordException(error, atMs - 1);
  call.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  call.end(atMs);
  loggers.getLogger("recorded").emit({
    timestamp: atMs,
    observedTimestamp: atMs,
    severityNumber: SeverityNumber.ERROR,
    severityText: "ERROR",
    body: "payment failed",
    attributes: {
      "exception.type": "TimeoutError",
      "exception.message": error.message,
      "exception.stacktrace": error.stack,
    },
    context: trace.setSpan(inFailing, call),
  });
  loggers
    .getLogger("recorded")
    .emit({ timestamp: atMs, observedTimestamp: atMs, severityNumber: SeverityNumber.INFO, body: { ok: true } });
  failing.setStatus({ code: SpanStatusCode.ERROR });
  failing.end(atMs);

  const meter = meters.getMeter("recorded");
  const connections = meter.createUpDownCounter("db.client.connection.count");
  connections.add(6, { "db.client.connection.state": "used" });
  connections.add(2, { "db.client.connection.state": "idle" });
  meter.createUpDownCounter("db.client.connection.max").add(8);
  meter.createHistogram("http.server.request.duration", { unit: "s" }).record(0.25, { "http.route": "/pay" });
  meter.createObservableGauge("nodejs.eventloop.utilization").addCallback((result) => result.observe(0.5));
  meter.createCounter("orders").add(3);

  await Promise.all([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]);
}

function countingIds() {
  let next = 0;
  const id = (digits: number) => () => {
    next += 1;
    return next.toString(16).padStart(digits, "a");
  };
  return { generateTraceId: id(32), generateSpanId: id(16) };
}
