/** Harbinger's own metrics and traces, through the official OpenTelemetry SDK. Metrics are always readable as Prometheus text; with an
 *  OTLP endpoint they (and traces) are also pushed. A collector that is away costs one warning a minute and nothing else. */
import { context, DiagLogLevel, diag, type Meter, ProxyTracerProvider, propagation, trace } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";

export interface SelfTelemetryOptions {
  serviceName: string;
  serviceVersion: string;
  /** tells processes of one service apart */
  instanceId: string;
  exportIntervalMs: number;
  otlpMetricsEndpoint?: string;
  otlpTracesEndpoint?: string;
  logger: Logger;
  clock: Clock;
}

export interface SelfTelemetry {
  meter: Meter;
  /** Prometheus text exposition, version 0.0.4 */
  renderMetrics(): Promise<string>;
  /** Flushes what is pending, for a moment at most. */
  stop(): Promise<void>;
}

/** Gauges have no temporality on the wire; in the SDK it says whether attributes that are no longer observed are reported for ever
 *  (a model's state of yesterday, the risk of a service that is gone) or not at all. */
function temporalityOf(instrument: InstrumentType): AggregationTemporality {
  const isGauge = instrument === InstrumentType.OBSERVABLE_GAUGE || instrument === InstrumentType.GAUGE;
  return isGauge ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}

class PullReader extends PrometheusExporter {
  override selectAggregationTemporality = temporalityOf;
}

class PushExporter extends OTLPMetricExporter {
  override selectAggregationTemporality = temporalityOf;
}

const FLUSH_TIMEOUT_MS = 3_000;
const EXPORT_TIMEOUT_MS = 10_000;

/** From 1 ms to 2 min. The SDK's default buckets are meant for milliseconds; ours are seconds, as semantic conventions ask. */
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export function startSelfTelemetry(options: SelfTelemetryOptions): SelfTelemetry {
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: options.serviceName,
    [ATTR_SERVICE_VERSION]: options.serviceVersion,
    "service.instance.id": options.instanceId,
  });
  if (options.otlpMetricsEndpoint !== undefined || options.otlpTracesEndpoint !== undefined) {
    reportExportTrouble(options.logger, options.clock);
  }
  const pull = new PullReader({ preventServerStart: true });
  const provider = new MeterProvider({
    resource,
    readers: [pull, ...pushReaders(options)],
    views: [
      {
        instrumentUnit: "s",
        instrumentType: InstrumentType.HISTOGRAM,
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: SECONDS_BUCKETS } },
      },
    ],
  });
  const traces = startTraces(options.otlpTracesEndpoint, resource);
  const serializer = new PrometheusSerializer();
  const stopDraining = options.otlpMetricsEndpoint === undefined ? () => {} : drain(pull, options.exportIntervalMs);
  return {
    meter: provider.getMeter("harbinger", options.serviceVersion),
    renderMetrics: async () => {
      const { resourceMetrics, errors } = await pull.collect();
      if (errors.length > 0) options.logger.warn({ err: errors[0] }, "a metric could not be read");
      return serializer.serialize(resourceMetrics);
    },
    stop: async () => {
      stopDraining();
      await settleWithin(FLUSH_TIMEOUT_MS, [provider.shutdown(), traces?.stop()]);
    },
  };
}

/** Every reader keeps what the others read until it reads itself, which for a page that nobody scrapes would be never. */
function drain(reader: Pick<MetricReader, "collect">, intervalMs: number): () => void {
  const timer = setInterval(() => {
    // What cannot be read now is reported by whoever reads next.
    reader.collect().catch(() => {});
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

function pushReaders(options: SelfTelemetryOptions): MetricReader[] {
  if (options.otlpMetricsEndpoint === undefined) return [];
  return [
    new PeriodicExportingMetricReader({
      exporter: new PushExporter({ url: options.otlpMetricsEndpoint, timeoutMillis: EXPORT_TIMEOUT_MS }),
      exportIntervalMillis: options.exportIntervalMs,
      exportTimeoutMillis: Math.min(EXPORT_TIMEOUT_MS, options.exportIntervalMs),
    }),
  ];
}

/** Registered globally, for as long as it runs: the API finds the active span through the global context manager only. */
function startTraces(endpoint: string | undefined, resource: Resource): { stop(): Promise<void> } | undefined {
  if (endpoint === undefined) return undefined;
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  return {
    stop: async () => {
      await provider.shutdown();
      const registered = trace.getTracerProvider();
      if (!(registered instanceof ProxyTracerProvider) || registered.getDelegate() !== provider) return;
      // Whoever comes next in this process could not register otherwise.
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

const TROUBLE_INTERVAL_MS = 60_000;

/** The SDK reports failed exports to its global diagnostics and to nobody else. */
function reportExportTrouble(logger: Logger, clock: Clock): void {
  let silentUntilMs = 0;
  const report = (message: string) => {
    if (clock.now() < silentUntilMs) return;
    silentUntilMs = clock.now() + TROUBLE_INTERVAL_MS;
    logger.warn({ reason: message.slice(0, 300) }, "own telemetry could not be exported; it is kept on /metrics");
  };
  const silent = () => {};
  diag.setLogger({ error: report, warn: report, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
}

async function settleWithin(ms: number, tasks: (Promise<unknown> | undefined)[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(tasks), late]);
  clearTimeout(timer);
}
