/** Answers "which of these services is about to fail, and why", as of now or of an earlier moment. Knows no HTTP.
 *
 *  The ladder: the champion model; base rates, when there is no model, no vector it can read, or it fails; what this process said
 *  last, when the store does not answer. The answer names the step.
 *
 *  A question about the present that is asked again before a window closes, a model is promoted, an incident is filed … gets the same
 *  prediction again, with its id: it is kept in memory, and was written once before it was first given. Answers about the past are
 *  always made from the store. */
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { KnownChanges } from "../../platform/store/known-changes.ts";
import { isOutage } from "../../platform/store/outage.ts";
import { invalid } from "../http/validation.ts";
import { givePrediction } from "./compose-prediction.ts";
import { createServiceFinder } from "./find-services.ts";
import { checkHorizons } from "./horizons.ts";
import { createKeptWhile } from "./kept-while.ts";
import { createLastAnswers, questionKey } from "./last-answers.ts";
import { type AnswerMakerDeps, type Champion, createAnswerMaker } from "./make-answers.ts";
import type { Asked, Prediction, PredictQuery } from "./prediction.ts";
import { createPredictionKeeper, type Kept } from "./store-predictions.ts";

export interface PredictDeps extends AnswerMakerDeps {
  changes: Pick<KnownChanges, "edition">;
  clock: Clock;
  newId: NewId;
  horizonsMs: readonly number[];
  primaryHorizonMs: number;
}

export interface PredictService {
  /** @param paths where each query stands in the request, for messages
   *  @returns one prediction per query, in order
   *  @throws INVALID_INPUT for a moment in the future, a horizon out of range or an ambiguous name; UNAVAILABLE when the store does
   *  not answer and one of the services was not asked about before */
  predict(queries: readonly PredictQuery[], paths: readonly string[]): Promise<readonly Prediction[]>;
}

/** A caller's clock may be a little ahead of ours. */
const CLOCK_SKEW_MS = 5_000;
/** Some kilobytes each, when explained. */
const PREDICTIONS_KEPT = 4_000;

type Moment = Omit<Asked, "service"> & { path: string };

export function createPredictService(deps: PredictDeps): PredictService {
  const { db, changes, clock, logger, windowSizeMs } = deps;
  const findServices = createServiceFinder(db, changes);
  const maker = createAnswerMaker(deps);
  const keeper = createPredictionKeeper(db, logger);
  // Windows close with time, so one that is older says that nobody closes them: the next prediction tells how old what it read is.
  const kept = createKeptWhile<Prediction>(PREDICTIONS_KEPT, { ms: windowSizeMs, now: clock.now });
  const lastAnswers = createLastAnswers();

  /** @throws INVALID_INPUT */
  const momentOf = (query: PredictQuery, path: string, nowMs: EpochMs): Moment => {
    const atMs = query.atMs ?? nowMs;
    if (atMs > nowMs + CLOCK_SKEW_MS) {
      throw invalid([{ path: `${path}.at`, message: "is in the future; a prediction is made from what is known" }]);
    }
    const horizonsMs = [...new Set(query.horizonsMs ?? deps.horizonsMs)].sort((a, b) => a - b);
    if (query.horizonsMs !== undefined) checkHorizons(query.horizonsMs, windowSizeMs, `${path}.horizons`);
    const explainedHorizonMs = horizonsMs.includes(deps.primaryHorizonMs)
      ? deps.primaryHorizonMs
      : (horizonsMs.at(-1) ?? deps.primaryHorizonMs);
    return { query, atMs, horizonsMs, explainedHorizonMs, path };
  };

  /** Makes predictions, has them written, and remembers those about the present for when the store does not answer. */
  const give = async (asked: readonly Asked[], champion: Champion): Promise<Kept> => {
    const answers = await maker.make(asked, champion);
    const madeAtMs = clock.now();
    const made = answers.map((answer, index) =>
      givePrediction(answer, { id: deps.newId(), atMs: asked[index]!.atMs, madeAtMs }, windowSizeMs),
    );
    const given = await keeper.keep(asked, made);
    for (const [index, { query }] of asked.entries()) {
      if (query.atMs === undefined) lastAnswers.remember(query, given.predictions[index]!); // one per query
    }
    return given;
  };

  const predictionsFor = (asked: readonly Asked[]): Promise<Prediction[]> => {
    const champion = maker.champion();
    const [services, risk] = [changes.edition("services"), changes.edition("risk")];
    const model = champion === null ? "" : `${champion.source} ${champion.version}`;
    const stamp = services === null || risk === null ? null : `${services} ${risk} ${model}`;
    const missing: Asked[] = [];
    let giving: Promise<Kept> | null = null;
    const found = asked.map((one) => {
      const key = one.query.atMs === undefined ? questionKey(one.query) : null;
      const known = key === null ? undefined : kept.get(key, stamp);
      if (known !== undefined) return known;
      const position = missing.push(one) - 1;
      // started once all that is missing has been gathered
      giving ??= Promise.resolve().then(() => give(missing, champion));
      const own = giving.then(({ predictions, isDurable }) => {
        if (key !== null && !isDurable) kept.drop(key, own);
        return predictions[position]!; // one per asked
      });
      if (key !== null) kept.put(key, stamp, own);
      return own;
    });
    return Promise.all(found);
  };

  return {
    async predict(queries, paths) {
      const nowMs = clock.now();
      const moments = queries.map((query, index) => momentOf(query, paths[index] ?? "body", nowMs));
      try {
        const services = await findServices(moments);
        const asked = moments.map(
          ({ path, ...moment }, index): Asked => ({ ...moment, service: services[index] ?? null }),
        );
        return await predictionsFor(asked);
      } catch (error) {
        if (!isOutage(error) && !(error instanceof HarbingerError && error.retryable)) throw error;
        const remembered = queries.map((query) => lastAnswers.recall(query));
        if (remembered.some((prediction) => prediction === null)) {
          throw new HarbingerError("UNAVAILABLE", "the store does not answer just now", { cause: error });
        }
        logger.warn({ err: error }, "the store does not answer; repeating the last known predictions");
        return remembered.flatMap((prediction) => (prediction === null ? [] : [prediction]));
      }
    },
  };
}
