/** Predicted risk as metrics, read from the newest stored predictions: it needs only the store, so any process can say it. Series are
 *  bounded: the services most at risk by name, the rest together as `_OTHER`. */
import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import { formatDuration } from "../platform/config/parsers.ts";
import type { Logger } from "../platform/logger.ts";
import type { Database } from "../platform/store/database.ts";
import { latestPredictions, type PredictionRow } from "../platform/store/predictions-store.ts";
import { serviceIdentities } from "../platform/store/service-lookup.ts";

export interface RiskMetricsDeps {
  meter: Meter;
  db: Database;
  logger: Logger;
  primaryHorizonMs: number;
  /** services told apart */
  maxSeries?: number;
}

const MAX_SERIES = 100;
const OTHER = { "service.name": "_OTHER", "service.namespace": "", "deployment.environment.name": "" };

type Attributes = Record<string, string>;

/** @returns a function that takes the metrics away */
export function observeRisk(deps: RiskMetricsDeps): () => void {
  const { meter } = deps;
  const probability = meter.createObservableGauge("harbinger.failure.probability", {
    unit: "1",
    description: "Calibrated probability that a failure begins within the horizon; of `_OTHER` the highest",
  });
  const expectedErrors = meter.createObservableGauge("harbinger.failure.expected_errors", {
    unit: "1",
    description: "Probability that a failure begins within the primary horizon and shows this class of error",
  });
  const instruments = [probability, expectedErrors];

  const observe = async (result: BatchObservableResult): Promise<void> => {
    try {
      await observePredictions(result, deps, { probability, expectedErrors });
    } catch (error) {
      deps.logger.warn({ err: error }, "predictions could not be read for the metrics");
    }
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}

type Gauge = Parameters<BatchObservableResult["observe"]>[0];

async function observePredictions(
  result: BatchObservableResult,
  { db, primaryHorizonMs, maxSeries = MAX_SERIES }: RiskMetricsDeps,
  gauges: { probability: Gauge; expectedErrors: Gauge },
): Promise<void> {
  const rows = await latestPredictions(db);
  const risk = (row: PredictionRow) => probabilityOf(row, primaryHorizonMs) ?? 0;
  const ranked = [...rows].sort((a, b) => risk(b) - risk(a) || a.serviceId - b.serviceId);
  const named = ranked.slice(0, maxSeries);
  const identities = await serviceIdentities(
    db,
    named.map((row) => row.serviceId),
  );
  for (const row of named) {
    const service = identities.get(row.serviceId);
    if (service === undefined) continue;
    const attributes = {
      "service.name": service.name,
      "service.namespace": service.namespace,
      "deployment.environment.name": service.environment,
    };
    for (const { horizonMs, probability } of row.horizons) {
      result.observe(gauges.probability, probability, { ...attributes, ...modelAttributes(row, horizonMs) });
    }
    for (const [errorClass, share] of expectedClassesOf(row)) {
      result.observe(gauges.expectedErrors, risk(row) * share, {
        ...{ ...attributes, ...modelAttributes(row, primaryHorizonMs) },
        "harbinger.error.class": errorClass,
      });
    }
  }
  observeRest(result, gauges.probability, ranked.slice(maxSeries));
}

function observeRest(result: BatchObservableResult, gauge: Gauge, rest: readonly PredictionRow[]): void {
  const highest = new Map<string, { attributes: Attributes; value: number }>();
  for (const row of rest) {
    for (const { horizonMs, probability } of row.horizons) {
      const attributes = modelAttributes(row, horizonMs);
      const key = JSON.stringify(attributes);
      const known = highest.get(key);
      if (known === undefined || probability > known.value) highest.set(key, { attributes, value: probability });
    }
  }
  for (const { attributes, value } of highest.values()) result.observe(gauge, value, { ...OTHER, ...attributes });
}

function modelAttributes(row: PredictionRow, horizonMs: number): Attributes {
  return {
    "harbinger.horizon": formatDuration(horizonMs),
    "harbinger.model.version": row.modelVersion ?? row.modelName,
  };
}

function probabilityOf(row: PredictionRow, horizonMs: number): number | undefined {
  return row.horizons.find((horizon) => horizon.horizonMs === horizonMs)?.probability;
}

/** Classes of the errors to expect, given that a failure comes; as the closer wrote them. */
function expectedClassesOf(row: PredictionRow): [string, number][] {
  const classes = row.detail?.expectedClasses;
  if (!Array.isArray(classes)) return [];
  return classes.flatMap((entry: unknown): [string, number][] => {
    if (typeof entry !== "object" || entry === null || !("class" in entry) || !("probability" in entry)) return [];
    const { class: name, probability } = entry;
    return typeof name === "string" && typeof probability === "number" ? [[name, probability]] : [];
  });
}
