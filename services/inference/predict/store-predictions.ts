/** Keeps the answers, so that feedback can say what became of them. */
import type { Logger } from "../../platform/logger.ts";
import type { Database } from "../../platform/store/database.ts";
import { isOutage } from "../../platform/store/outage.ts";
import { insertPredictions, type PredictionRow } from "../../platform/store/predictions-store.ts";
import type { Asked, Prediction } from "./prediction.ts";

/** Answers about unknown services are not kept: there is no service to keep them with. When the store fails just now, the answer is
 *  given nevertheless and says that feedback cannot name it.
 *  @returns the predictions, noted where they could not be kept */
export async function storePredictions(
  db: Database,
  asked: readonly Asked[],
  predictions: readonly Prediction[],
  logger: Logger,
): Promise<Prediction[]> {
  const rows = predictions.flatMap((prediction, index) => {
    const service = asked[index]?.service;
    return service === null || service === undefined ? [] : [toRow(prediction, service.id)];
  });
  try {
    await insertPredictions(db, rows);
    return [...predictions];
  } catch (error) {
    if (!isOutage(error)) throw error;
    logger.warn({ err: error }, "predictions could not be stored");
    const note = "This answer could not be stored, so feedback cannot refer to it.";
    return predictions.map((prediction) => ({ ...prediction, notes: [...prediction.notes, note] }));
  }
}

function toRow(prediction: Prediction, serviceId: number): PredictionRow {
  const { id, atMs, madeAtMs, model, horizons, confidence, step, asOf, predictedErrorClasses } = prediction;
  return {
    id,
    serviceId,
    atMs,
    madeAtMs,
    source: "api",
    modelName: model.name,
    modelVersion: model.version,
    state: model.state,
    horizons: horizons.map(({ horizonMs, probability, lower, upper }) => ({ horizonMs, probability, lower, upper })),
    confidence,
    detail: { step, windowEndMs: asOf.windowEndMs, predictedErrorClasses },
  };
}
