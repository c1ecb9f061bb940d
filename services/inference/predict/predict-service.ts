/** Answers "which of these services is about to fail, and why", as of now or of an earlier moment. Knows no HTTP.
 *
 *  The ladder: the champion model; base rates, when there is no model, no vector it can read, or it fails; what this process said
 *  last, when the store does not answer. The answer names the step. */
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { priorPrediction } from "../../../models/predictor/prior.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import type { ModelHost } from "../../platform/serving/model-host.ts";
import { type ServedModel, servedModel } from "../../platform/serving/model-slot.ts";
import type { Database } from "../../platform/store/database.ts";
import { isOutage } from "../../platform/store/outage.ts";
import { type KnownService, matches, servicesCalled } from "../../platform/store/service-lookup.ts";
import { invalid } from "../http/validation.ts";
import { chooseService } from "../services/service-reference.ts";
import { composePrediction, type Forecasted } from "./compose-prediction.ts";
import { checkHorizons } from "./horizons.ts";
import { createKnownThenReader, type KnownThen } from "./known-then.ts";
import { createLastAnswers } from "./last-answers.ts";
import type { Asked, Prediction, PredictQuery } from "./prediction.ts";
import { type ModelAnswers, runModel } from "./run-model.ts";
import { storePredictions } from "./store-predictions.ts";
import { createTrainedThroughReader } from "./trained-through.ts";

export interface PredictDeps {
  db: Database;
  models: Pick<ModelHost, "predictor">;
  clock: Clock;
  newId: NewId;
  logger: Logger;
  windowSizeMs: number;
  horizonsMs: readonly number[];
  primaryHorizonMs: number;
  riskThreshold: number;
}

export interface PredictService {
  /** @param paths where each query stands in the request, for messages
   *  @returns one prediction per query, in order
   *  @throws INVALID_INPUT for a moment in the future, a horizon out of range or an ambiguous name; UNAVAILABLE when the store does
   *  not answer and one of the services was not asked about before */
  predict(queries: readonly PredictQuery[], paths: readonly string[]): Promise<Prediction[]>;
}

/** A caller's clock may be a little ahead of ours. */
const CLOCK_SKEW_MS = 5_000;

export function createPredictService(deps: PredictDeps): PredictService {
  const { db, models, clock, logger, windowSizeMs } = deps;
  const reader = createKnownThenReader(db, windowSizeMs);
  const lastAnswers = createLastAnswers();
  const trainedThrough = createTrainedThroughReader(db);

  const answer = async (asked: readonly Asked[]): Promise<Prediction[]> => {
    const served = servedModel(models.predictor());
    const model = served !== null && served.manifest.specHash === FEATURE_SPEC.hash ? served : null;
    const known = await readKnown(asked, model);
    const answers = model === null ? noAnswers(asked) : await askModel(model, asked, known);
    const forecasts = await fillWithBaseRates(asked, answers);
    const trainedThroughMs = model === null ? null : await trainedThrough(model);
    return asked.map((one, index) =>
      composePrediction({
        asked: one,
        known: known[index]!, // one per asked, from readKnown
        forecasted: forecasts[index]!, // one per asked, from fillWithBaseRates
        model: model === null ? null : { version: model.version, trainedThroughMs },
        id: deps.newId(),
        madeAtMs: clock.now(),
        windowSizeMs,
        riskThreshold: deps.riskThreshold,
      }),
    );
  };

  /** Queries about the same moment share their reads. */
  const readKnown = async (
    asked: readonly Asked[],
    model: ServedModel<PredictorManifest> | null,
  ): Promise<KnownThen[]> => {
    const byMoment = new Map<EpochMs, Promise<KnownThen>>();
    for (const { atMs } of asked) {
      if (byMoment.has(atMs)) continue;
      const together = asked.filter((other) => other.atMs === atMs);
      const reading = reader.read({
        serviceIds: [...new Set(together.flatMap(({ service }) => (service === null ? [] : [service.id])))],
        atMs,
        specHash: model?.manifest.specHash ?? null,
        withPast: together.some(({ query }) => query.explain),
      });
      byMoment.set(atMs, reading);
    }
    const settled = new Map<EpochMs, KnownThen>();
    for (const [atMs, reading] of byMoment) settled.set(atMs, await reading);
    return asked.map(({ atMs }) => settled.get(atMs)!); // every moment was read above
  };

  const askModel = async (
    model: ServedModel<PredictorManifest>,
    asked: readonly Asked[],
    known: readonly KnownThen[],
  ): Promise<ModelAnswers> => {
    try {
      return await runModel(model, asked, known, { windowSizeMs, riskThreshold: deps.riskThreshold });
    } catch (error) {
      logger.warn({ err: error, version: model.version }, "the failure predictor failed; base rates answer");
      return noAnswers(asked);
    }
  };

  const fillWithBaseRates = async (asked: readonly Asked[], answers: ModelAnswers): Promise<Forecasted[]> => {
    const open = asked.filter((_, index) => answers[index] === null);
    const rates = new Map(
      await Promise.all(
        [...new Set(open.map(({ atMs }) => atMs))].map(async (atMs) => {
          const ids = open.flatMap((one) => (one.atMs === atMs && one.service !== null ? [one.service.id] : []));
          return [atMs, await reader.readBaseRates([...new Set(ids)], atMs)] as const;
        }),
      ),
    );
    return asked.map((one, index): Forecasted => {
      const answered = answers[index];
      if (answered !== null && answered !== undefined) return { step: "model", ...answered };
      const then = rates.get(one.atMs)!; // every moment without a model's answer was read above
      const service = (one.service === null ? undefined : then.services.get(one.service.id)) ?? {
        onsets: 0,
        windows: 0,
      };
      const horizons = priorPrediction(
        { fleet: then.fleet, service },
        one.horizonsMs.map((horizonMs) => horizonMs / windowSizeMs),
      );
      return { step: "prior", horizons, fleet: then.fleet, service };
    });
  };

  return {
    async predict(queries, paths) {
      const nowMs = clock.now();
      const moments = queries.map((query, index) => {
        const path = paths[index] ?? "body";
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
      });
      try {
        const candidates = await servicesCalled(
          db,
          queries.map(({ service }) => service.name),
        );
        const asked = moments.map(({ path, ...moment }): Asked => {
          const { service: wanted } = moment.query;
          const named = (candidates.get(wanted.name) ?? []).filter((service) => matches(service, wanted));
          return { ...moment, service: chooseAt(named, moment, path) };
        });
        const predictions = await answer(asked);
        const stored = await storePredictions(db, asked, predictions, logger);
        queries.forEach((query, index) => {
          if (query.atMs === undefined) lastAnswers.remember(query, stored[index]!); // one per query
        });
        return stored;
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

/** Of several services of one name, those that had reported by then come first: one that appeared later must not make an earlier
 *  question ambiguous. */
function chooseAt(
  named: readonly KnownService[],
  { query, atMs }: Pick<Asked, "query" | "atMs">,
  path: string,
): KnownService | null {
  const then = named.filter(({ firstEventMs }) => firstEventMs <= atMs);
  return chooseService(then.length > 0 ? then : named, query.service, `${path}.service`);
}

function noAnswers(asked: readonly Asked[]): ModelAnswers {
  return asked.map(() => null);
}
