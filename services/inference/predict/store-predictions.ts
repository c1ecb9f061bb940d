/** Keeps the answers, so that feedback can say what became of them. Answers made at about the same time share one durable write. */
import { type Batcher, createBatcher } from "../../platform/batcher.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Database } from "../../platform/store/database.ts";
import { isOutage } from "../../platform/store/outage.ts";
import { insertPredictions, type PredictionRow } from "../../platform/store/predictions-store.ts";
import type { Asked, Prediction } from "./prediction.ts";

export interface PredictionKeeper {
  /** Resolves when the predictions are durable. Those about unknown services are not kept: there is no service to keep them with. When
   *  the store fails just now, they are given nevertheless and say that feedback cannot name them.
   *  @param asked one per prediction */
  keep(asked: readonly Asked[], predictions: readonly Prediction[]): Promise<Kept>;
}

export interface Kept {
  /** noted where they could not be kept */
  predictions: readonly Prediction[];
  /** they may be given again: the store has whatever it should have */
  isDurable: boolean;
}

/** Two: while one write waits for the disk, the next one is prepared. */
const WRITES_AT_ONCE = 2;
const ROWS_AT_ONCE = 2_000;

export function createPredictionKeeper(db: Database, logger: Logger): PredictionKeeper {
  const batcher: Batcher<readonly PredictionRow[]> = createBatcher({
    run: (groups) => insertPredictions(db, groups.flat()),
    maxWaitMs: 0,
    maxItems: ROWS_AT_ONCE,
    maxSize: ROWS_AT_ONCE,
    sizeOf: (rows) => rows.length,
    maxRuns: WRITES_AT_ONCE,
  });
  return {
    async keep(asked, predictions) {
      const rows = predictions.flatMap((prediction, index): PredictionRow[] => {
        const service = asked[index]?.service;
        return service === null || service === undefined ? [] : [rowOf(service.id, prediction)];
      });
      if (rows.length === 0) return { predictions, isDurable: true };
      try {
        await batcher.add(rows);
        return { predictions, isDurable: true };
      } catch (error) {
        if (!isOutage(error)) throw error;
        logger.warn({ err: error }, "predictions could not be stored");
        const note = "This answer could not be stored, so feedback cannot refer to it.";
        return {
          predictions: predictions.map((prediction) => ({ ...prediction, notes: [...prediction.notes, note] })),
          isDurable: false,
        };
      }
    },
  };
}

function rowOf(serviceId: number, { id, atMs, madeAtMs, answer }: Prediction): PredictionRow {
  const { step, model, horizons, confidence, windowEndMs, predictedErrorClasses } = answer;
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
    detail: { step, windowEndMs, predictedErrorClasses },
  };
}
