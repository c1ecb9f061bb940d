/** Makes answers from what the store knows: the champion model where it has a vector to read, base rates everywhere else. */
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { priorPrediction } from "../../../models/predictor/prior.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Logger } from "../../platform/logger.ts";
import type { ModelHost } from "../../platform/serving/model-host.ts";
import { type ServedModel, servedModel } from "../../platform/serving/model-slot.ts";
import type { Database } from "../../platform/store/database.ts";
import { composeAnswer, type Forecasted } from "./compose-prediction.ts";
import { type BaseRates, createKnownThenReader, type KnownThen } from "./known-then.ts";
import type { Answer, Asked } from "./prediction.ts";
import { type ModelAnswers, runModel } from "./run-model.ts";
import { createTrainedThroughReader } from "./trained-through.ts";

export interface AnswerMakerDeps {
  db: Database;
  models: Pick<ModelHost, "predictor">;
  logger: Logger;
  windowSizeMs: number;
  riskThreshold: number;
}

/** null: no model that reads this program's features */
export type Champion = ServedModel<PredictorManifest> | null;

export interface AnswerMaker {
  /** what `make` will ask just now */
  champion(): Champion;
  /** @returns one answer per query, in order */
  make(asked: readonly Asked[], champion: Champion): Promise<Answer[]>;
}

export function createAnswerMaker(deps: AnswerMakerDeps): AnswerMaker {
  const { db, models, logger, windowSizeMs, riskThreshold } = deps;
  const reader = createKnownThenReader(db, windowSizeMs);
  const trainedThrough = createTrainedThroughReader(db);

  /** Queries about the same moment share their reads. */
  const readKnown = async (asked: readonly Asked[], champion: Champion): Promise<KnownThen[]> => {
    const readings = new Map<EpochMs, Promise<KnownThen>>();
    for (const { atMs } of asked) {
      if (readings.has(atMs)) continue;
      const together = asked.filter((other) => other.atMs === atMs);
      const reading = reader.read({
        serviceIds: [...new Set(together.flatMap(({ service }) => (service === null ? [] : [service.id])))],
        atMs,
        specHash: champion?.manifest.specHash ?? null,
        withPast: together.some(({ query }) => query.explain),
      });
      readings.set(atMs, reading);
    }
    const moments = [...readings.keys()];
    const known = await Promise.all(readings.values());
    const byMoment = new Map(moments.map((atMs, index) => [atMs, known[index]!])); // one per moment
    return asked.map(({ atMs }) => byMoment.get(atMs)!); // every moment was read above
  };

  const askModel = async (
    champion: Champion,
    asked: readonly Asked[],
    known: readonly KnownThen[],
  ): Promise<ModelAnswers> => {
    if (champion === null) return asked.map(() => null);
    try {
      return await runModel(champion, asked, known, { windowSizeMs, riskThreshold });
    } catch (error) {
      logger.warn({ err: error, version: champion.version }, "the failure predictor failed; base rates answer");
      return asked.map(() => null);
    }
  };

  /** One reading for each moment. */
  const readRates = async (open: readonly Asked[]): Promise<Map<EpochMs, BaseRates>> =>
    new Map(
      await Promise.all(
        [...new Set(open.map(({ atMs }) => atMs))].map(async (atMs) => {
          const ids = open.flatMap((one) => (one.atMs === atMs && one.service !== null ? [one.service.id] : []));
          return [atMs, await reader.readBaseRates([...new Set(ids)], atMs)] as const;
        }),
      ),
    );

  /** @param rates of every moment without a model's answer */
  const fillWithBaseRates = (
    asked: readonly Asked[],
    answers: ModelAnswers,
    rates: ReadonlyMap<EpochMs, BaseRates>,
  ): Forecasted[] =>
    asked.map((one, index): Forecasted => {
      const answered = answers[index];
      if (answered !== null && answered !== undefined) return { step: "model", ...answered };
      const then = rates.get(one.atMs)!; // every moment without a model's answer was read
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

  return {
    champion() {
      const served = servedModel(models.predictor());
      return served !== null && served.manifest.specHash === FEATURE_SPEC.hash ? served : null;
    },
    async make(asked, champion) {
      // without a model it is clear from the start that all of them are needed
      const [known, ratesOfAll] = await Promise.all([
        readKnown(asked, champion),
        champion === null ? readRates(asked) : null,
      ]);
      const answers = await askModel(champion, asked, known);
      const rates = ratesOfAll ?? (await readRates(asked.filter((_, index) => answers[index] === null)));
      const forecasts = fillWithBaseRates(asked, answers, rates);
      const trainedThroughMs = champion === null ? null : await trainedThrough(champion);
      return asked.map((one, index) =>
        composeAnswer({
          asked: one,
          known: known[index]!, // one per asked, from readKnown
          forecasted: forecasts[index]!, // one per asked, from fillWithBaseRates
          model:
            champion === null ? null : { version: champion.version, manifest: champion.manifest, trainedThroughMs },
          windowSizeMs,
          riskThreshold,
        }),
      );
    },
  };
}
