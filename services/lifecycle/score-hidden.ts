/** Scores what nobody is shown: versions under `shadow` and `challenger` answer from the very vectors that were stored when windows
 *  closed, moments later and in a transaction of their own, so that none of them can slow down or break the closing of a window. */
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { predict } from "../../models/predictor/predict.ts";
import { HIDDEN_ALIASES, type HiddenAlias } from "../platform/lifecycle/watch-state.ts";
import { type ServedModel, servedModel } from "../platform/serving/model-slot.ts";
import type { ServedSlot } from "../platform/serving/served-slot.ts";
import { insertShadowScores, vectorsByTime } from "../platform/store/shadow-store.ts";
import type { LifecycleDeps } from "./deps.ts";
import { withWatch } from "./with-watch.ts";

export type HiddenSlots = Readonly<Record<HiddenAlias, Pick<ServedSlot<PredictorManifest>, "current" | "refresh">>>;

/** One run of the network; some milliseconds. */
const VECTORS_AT_ONCE = 1_000;

/** Scores every vector that has come since the last call. @returns how many */
export async function scoreHidden(deps: LifecycleDeps, slots: HiddenSlots, isStopping: () => boolean): Promise<number> {
  let total = 0;
  for (const alias of HIDDEN_ALIASES) {
    await slots[alias].refresh();
    const model = servedModel(slots[alias].current());
    if (model === null || model.manifest.windowSizeMs !== deps.horizon.windowSizeMs) continue;
    let scored: number;
    do {
      scored = (await scoreSome(deps, alias, model)) ?? 0;
      total += scored;
    } while (scored === VECTORS_AT_ONCE && !isStopping());
  }
  return total;
}

function scoreSome(
  deps: LifecycleDeps,
  alias: HiddenAlias,
  model: ServedModel<PredictorManifest>,
): Promise<number | null> {
  return withWatch(deps, async (transaction, state, closedThroughMs) => {
    const watch = state.hidden[alias];
    // A version that was refused leaves the one before in the slot.
    if (watch === undefined || watch.version !== model.version) return { state, result: 0 };
    const { horizonMs, windowSizeMs } = deps.horizon;
    const vectors = await vectorsByTime(transaction, {
      ...{ specHash: FEATURE_SPEC.hash, after: watch.scoredThrough },
      ...{ throughMs: closedThroughMs, limit: VECTORS_AT_ONCE },
    });
    const last = vectors.at(-1);
    if (last === undefined) return { state, result: 0 };
    const inputs = vectors.map(({ vector }) => vector);
    const forecasts = await predict(model.session, model.manifest, inputs, [horizonMs / windowSizeMs]);
    const scores = vectors.flatMap(({ serviceId, atMs }, index) => {
      const probability = forecasts[index]?.horizons[0]?.probability ?? Number.NaN;
      return probability >= 0 && probability <= 1 ? [{ serviceId, atMs, probability }] : [];
    });
    await insertShadowScores(transaction, { version: model.version, horizonMs }, scores);
    const scoredThrough = { atMs: last.atMs, serviceId: last.serviceId };
    const hidden = { ...state.hidden, [alias]: { ...watch, scoredThrough } };
    return { state: { ...state, hidden }, result: vectors.length };
  });
}
