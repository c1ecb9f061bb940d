/** Runs the champion for every query that has a vector it can read. */
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { type Explanation, explain } from "../../../models/predictor/explain.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { type Forecast, predict } from "../../../models/predictor/predict.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { ServedModel } from "../../platform/serving/model-slot.ts";
import type { KnownThen } from "./known-then.ts";
import type { Asked } from "./prediction.ts";

export interface ModelAnswer {
  forecast: Forecast;
  windowEndMs: EpochMs;
  attribution: Explanation | null;
}

/** null where the model has nothing to read */
export type ModelAnswers = Array<ModelAnswer | null>;

export async function runModel(
  { session, manifest }: ServedModel<PredictorManifest>,
  asked: readonly Asked[],
  known: readonly KnownThen[],
  { windowSizeMs, riskThreshold }: { windowSizeMs: number; riskThreshold: number },
): Promise<ModelAnswers> {
  const answers: ModelAnswers = asked.map(() => null);
  for (const rows of sameHorizons(asked)) {
    const readable = rows.flatMap((index) => {
      const { service } = asked[index]!; // indices of asked
      const vector = service === null ? undefined : known[index]!.vectors.get(service.id); // one per asked
      return vector === undefined ? [] : [{ index, ...vector }];
    });
    const [first] = readable;
    if (first === undefined) continue;
    const horizons = asked[first.index]!.horizonsMs.map((horizonMs) => horizonMs / windowSizeMs);
    const forecasts = await predict(
      session,
      manifest,
      readable.map(({ vector }) => vector),
      horizons,
    );
    for (const [position, { index, atMs, vector }] of readable.entries()) {
      const { query, explainedHorizonMs } = asked[index]!;
      const horizonWindows = explainedHorizonMs / windowSizeMs;
      answers[index] = {
        forecast: forecasts[position]!, // one per vector
        windowEndMs: atMs,
        attribution: query.explain
          ? await explain(session, manifest, FEATURE_SPEC, vector, horizonWindows, riskThreshold)
          : null,
      };
    }
  }
  return answers;
}

/** One run of the network serves all queries with the same horizons. */
function sameHorizons(asked: readonly Asked[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [index, { horizonsMs }] of asked.entries()) {
    const key = horizonsMs.join(" ");
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  return [...groups.values()];
}
