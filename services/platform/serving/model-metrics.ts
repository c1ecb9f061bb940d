/** The state of what serves, and how far a champion's probabilities were off when the gate judged it. */
import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import type { Logger } from "../logger.ts";
import type { Database } from "../store/database.ts";
import { readVersion } from "../store/registry-store.ts";
import type { ModelHost } from "./model-host.ts";
import { type ModelSlot, servedModel } from "./model-slot.ts";

export interface ModelMetricsDeps {
  meter: Meter;
  db: Database;
  logger: Logger;
  models: Pick<ModelHost, "predictor" | "classifier">;
}

/** @returns a function that takes the metrics away */
export function observeModels({ meter, db, logger, models }: ModelMetricsDeps): () => void {
  const status = meter.createObservableGauge("harbinger.model.status", {
    unit: "1",
    description: "1 for the state that each model is in",
  });
  const calibrationError = meter.createObservableGauge("harbinger.model.calibration_error", {
    unit: "1",
    description:
      "Calibration error beyond chance of the version that serves, as the gate measured it on later data; absent without a verdict",
  });
  // Versions are immutable, so one read of each is enough.
  const known = new Map<string, number | null>();
  const calibrationOf = async (name: string, version: string): Promise<number | null> => {
    const key = `${name} ${version}`;
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const row = await readVersion(db, name, version);
    const value = row === null ? null : judgedCalibrationError(row.verdict);
    known.set(key, value);
    return value;
  };

  const observeModel = async (result: BatchObservableResult, name: string, slot: ModelSlot<unknown>): Promise<void> => {
    const model = { "harbinger.model.name": name, "harbinger.model.version": "version" in slot ? slot.version : "" };
    result.observe(status, 1, { ...model, "harbinger.model.state": slot.state });
    const served = servedModel(slot);
    // What ships with the program never stood before this installation's gate.
    if (served?.source !== "registry") return;
    const value = await calibrationOf(name, served.version);
    if (value !== null) result.observe(calibrationError, value, model);
  };
  const observe = async (result: BatchObservableResult): Promise<void> => {
    for (const [name, slot] of [
      ["failure-predictor", models.predictor()],
      ["error-classifier", models.classifier()],
    ] as const) {
      try {
        await observeModel(result, name, slot);
      } catch (error) {
        logger.warn({ err: error, model: name }, "the registry could not be read for the metrics");
      }
    }
  };
  const instruments = [status, calibrationError];
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}

/** The gate writes down for both models, in one shape, what it judged: `rules: [{ rule: "calibration", value, … }]`.
 *  @returns null when it did not get as far */
function judgedCalibrationError(verdict: Record<string, unknown>): number | null {
  const { rules } = verdict;
  if (!Array.isArray(rules)) return null;
  for (const rule of rules as unknown[]) {
    if (typeof rule !== "object" || rule === null || !("rule" in rule) || rule.rule !== "calibration") continue;
    return "value" in rule && typeof rule.value === "number" ? rule.value : null;
  }
  return null;
}
