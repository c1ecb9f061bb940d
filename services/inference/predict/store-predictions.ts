/** Keeps the answers, so that feedback can say what became of them. Answers given at about the same time share one durable write. */
import { type Batcher, createBatcher } from "../../platform/batcher.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Database } from "../../platform/store/database.ts";
import { isOutage } from "../../platform/store/outage.ts";
import { insertPredictions, type PredictionRow } from "../../platform/store/predictions-store.ts";
import type { Answer, Asked, Prediction } from "./prediction.ts";

export interface PredictionKeeper {
  /** Resolves when the predictions are durable. Those about unknown services are not kept: there is no service to keep them with. When
   *  the store fails just now, they are given nevertheless and say that feedback cannot name them.
   *  @param asked one per prediction
   *  @returns the predictions, noted where they could not be kept */
  keep(asked: readonly Asked[], predictions: readonly Prediction[]): Promise<readonly Prediction[]>;
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
  // What rows of one answer share is made once, and so is its text where it is written.
  const shared = new WeakMap<Answer, SharedColumns>();
  const columnsOf = (answer: Answer): SharedColumns => {
    const known = shared.get(answer);
    if (known !== undefined) return known;
    const columns = sharedColumns(answer);
    shared.set(answer, columns);
    return columns;
  };

  return {
    async keep(asked, predictions) {
      const rows = predictions.flatMap(({ id, atMs, madeAtMs, answer }, index): PredictionRow[] => {
        const service = asked[index]?.service;
        if (service === null || service === undefined) return [];
        return [{ id, serviceId: service.id, atMs, madeAtMs, ...columnsOf(answer) }];
      });
      if (rows.length === 0) return predictions;
      try {
        await batcher.add(rows);
        return predictions;
      } catch (error) {
        if (!isOutage(error)) throw error;
        logger.warn({ err: error }, "predictions could not be stored");
        const note = "This answer could not be stored, so feedback cannot refer to it.";
        return predictions.map((prediction) => ({ ...prediction, notes: [...prediction.notes, note] }));
      }
    },
  };
}

type SharedColumns = Omit<PredictionRow, "id" | "serviceId" | "atMs" | "madeAtMs">;

function sharedColumns({
  step,
  model,
  horizons,
  confidence,
  windowEndMs,
  predictedErrorClasses,
}: Answer): SharedColumns {
  return {
    source: "api",
    modelName: model.name,
    modelVersion: model.version,
    state: model.state,
    horizons: horizons.map(({ horizonMs, probability, lower, upper }) => ({ horizonMs, probability, lower, upper })),
    confidence,
    detail: { step, windowEndMs, predictedErrorClasses },
  };
}
