/** What models turn out to be worth, as metrics. */
import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import { reliabilityError } from "../../models/lifecycle/reliability.ts";
import { BASE_RATE, HIDDEN_ALIASES, type Horizon, readWatchState } from "../platform/lifecycle/watch-state.ts";
import type { Logger } from "../platform/logger.ts";
import { FAILURE_PREDICTOR } from "../platform/serving/definitions.ts";
import type { Database } from "../platform/store/database.ts";
import { readDriftSignals } from "../platform/store/drift-store.ts";

export interface LifecycleMetrics {
  rolledBack(): void;
  retrained(model: string, reason: string): void;
  stop(): void;
}

export function createLifecycleMetrics(deps: {
  meter: Meter;
  db: Database;
  logger: Logger;
  horizon: Horizon;
}): LifecycleMetrics {
  const { meter, db, logger, horizon } = deps;
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { unit: "1", description });
  const rollbacks = meter.createCounter("harbinger.model.rollbacks", {
    unit: "{rollback}",
    description: "Champions that were taken back because they predicted worse than the base rate",
  });
  const retrainings = meter.createCounter("harbinger.training.triggers", {
    unit: "{job}",
    description: "Training jobs that drift or feedback started",
  });
  const gauges = {
    skill: gauge(
      "harbinger.model.live.brier_skill",
      "Brier skill of what serves over the base rate of earlier data, on known outcomes",
    ),
    calibration: gauge("harbinger.model.live.calibration_error", "Calibration error of what serves, on known outcomes"),
    rows: gauge("harbinger.model.live.outcomes", "Predictions of what serves whose outcome is known"),
    difference: gauge(
      "harbinger.model.shadow.brier_difference",
      "Brier score of a version that nobody is shown, less that of what serves",
    ),
    drift: gauge("harbinger.model.drift", "1 for each signal of drift that says so, 0 for those that do not"),
  };
  const instruments = Object.values(gauges);

  const observeWatch = async (result: BatchObservableResult): Promise<void> => {
    const { champion, hidden } = await readWatchState(db, horizon);
    const model = { "harbinger.model.name": FAILURE_PREDICTOR };
    if (champion !== null && champion.rows > 0) {
      const served = { ...model, "harbinger.model.version": champion.version };
      result.observe(gauges.skill, 1 - champion.brier / champion.baseRateBrier, served);
      result.observe(gauges.calibration, reliabilityError(champion.reliability), served);
      result.observe(gauges.rows, champion.rows, served);
    }
    for (const alias of HIDDEN_ALIASES) {
      const watch = hidden[alias];
      if (watch === undefined || watch.rows === 0) continue;
      result.observe(gauges.difference, (watch.brier - watch.againstBrier) / watch.rows, {
        ...{ ...model, "harbinger.model.version": watch.version },
        ...{ "harbinger.model.alias": alias, "harbinger.model.against": watch.against ?? BASE_RATE },
      });
    }
  };
  const observeDrift = async (result: BatchObservableResult): Promise<void> => {
    for (const { name, signal, version, drifting } of await readDriftSignals(db)) {
      const attributes = { "harbinger.model.name": name, "harbinger.drift.signal": signal };
      result.observe(gauges.drift, drifting ? 1 : 0, { ...attributes, "harbinger.model.version": version ?? "" });
    }
  };
  const observe = async (result: BatchObservableResult): Promise<void> => {
    try {
      await observeWatch(result);
      await observeDrift(result);
    } catch (error) {
      logger.warn({ err: error }, "the watch over models could not be read for the metrics");
    }
  };
  meter.addBatchObservableCallback(observe, instruments);
  return {
    rolledBack: () => rollbacks.add(1, { "harbinger.model.name": FAILURE_PREDICTOR }),
    retrained: (model, reason) => retrainings.add(1, { "harbinger.model.name": model, reason }),
    stop: () => meter.removeBatchObservableCallback(observe, instruments),
  };
}
