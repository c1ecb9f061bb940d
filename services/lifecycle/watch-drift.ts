/** Looks for signs that the champion's world has changed: its inputs against those of training, its loss on known outcomes, its skill
 *  against the base rate, and how good it can be on what it meets now, before outcomes are known. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import type { ChampionWatch } from "../../models/lifecycle/champion-watch.ts";
import { estimatePerformance } from "../../models/lifecycle/estimated-performance.ts";
import { inputDrift } from "../../models/lifecycle/input-drift.ts";
import { evidencePValue } from "../../models/lifecycle/paired-evidence.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { FAILURE_PREDICTOR } from "../platform/serving/definitions.ts";
import { type ModelSlot, servedModel } from "../platform/serving/model-slot.ts";
import type { Database } from "../platform/store/database.ts";
import { sampleProbabilities, sampleVectors } from "../platform/store/drift-samples.ts";
import { type DriftVerdict, forgetDriftOfOthers, writeDriftVerdicts } from "../platform/store/drift-store.ts";
import type { LifecycleDeps } from "./deps.ts";
import { withWatch } from "./with-watch.ts";

export interface DriftDeps extends LifecycleDeps {
  predictor(): ModelSlot<PredictorManifest>;
  rollback: { confidence: number; minFailures: number };
}

/** Inputs are looked at this often per span that is compared. */
const LOOKS_PER_SPAN = 8;
const SAMPLED_MOMENTS = 50;
const SAMPLED_PER_MOMENT = 100;

/** One look. Inputs are compared only when a part of a span has passed since the last time. */
export async function watchDrift(deps: DriftDeps): Promise<void> {
  const served = servedModel(deps.predictor());
  await withWatch(deps, async (transaction, state, closedThroughMs) => {
    const { champion } = state;
    await forgetDriftOfOthers(transaction, FAILURE_PREDICTOR, champion?.version ?? null);
    if (champion === null || served?.version !== champion.version) return { state, result: null };
    const verdicts = [lossVerdict(champion, closedThroughMs, deps), skillVerdict(champion, deps)];
    let { inputsCheckedMs } = state;
    const { reference } = served.manifest;
    const spanMs = Math.max(reference?.spanMs ?? 0, deps.horizon.horizonMs);
    if (inputsCheckedMs === null || closedThroughMs - inputsCheckedMs >= spanMs / LOOKS_PER_SPAN) {
      inputsCheckedMs = closedThroughMs;
      const span = { fromMs: closedThroughMs - spanMs, throughMs: closedThroughMs };
      if (reference !== undefined) {
        verdicts.push(...(await inputVerdicts(transaction, reference, champion, span, deps)));
      }
      verdicts.push(await estimateVerdict(transaction, champion, span, deps));
    }
    await writeDriftVerdicts(transaction, FAILURE_PREDICTOR, verdicts, deps.clock.now());
    return { state: { ...state, inputsCheckedMs }, result: null };
  });
}

interface Span {
  fromMs: number;
  throughMs: number;
}

/** ADWIN saw the mean loss per horizon rise, and it is not long ago: later the rise is what is usual now. */
function lossVerdict({ version, loss }: ChampionWatch, closedThroughMs: number, { horizon }: DriftDeps): DriftVerdict {
  const { risen } = loss;
  const recent = risen !== null && closedThroughMs - risen.atMs <= RECENT_HORIZONS * horizon.horizonMs;
  return {
    ...{ signal: "loss", version, drifting: recent },
    ...{ value: risen?.after ?? null, threshold: risen?.before ?? null },
    detail:
      risen === null ? {} : { risenAt: new Date(risen.atMs).toISOString(), before: risen.before, after: risen.after },
  };
}

const RECENT_HORIZONS = 100;

/** What would take the champion back also counts as drift, so that it starts a training where rolling back is switched off. */
function skillVerdict(champion: ChampionWatch, { rollback }: DriftDeps): DriftVerdict {
  const { version, rows, failures, brier, baseRateBrier } = champion;
  const pValue = evidencePValue(champion.baseRateBetter);
  return {
    ...{ signal: "skill", version, value: rows === 0 ? null : 1 - brier / baseRateBrier, threshold: 0 },
    drifting: failures >= rollback.minFailures && brier > baseRateBrier && pValue <= 1 - rollback.confidence,
    detail: { pValue, outcomes: rows, failures },
  };
}

async function inputVerdicts(
  transaction: Database,
  reference: NonNullable<PredictorManifest["reference"]>,
  { version }: ChampionWatch,
  span: Span,
  { horizon }: DriftDeps,
): Promise<DriftVerdict[]> {
  const vectors: Float32Array[] = [];
  const windows = Math.max(1, Math.round((span.throughMs - span.fromMs) / horizon.windowSizeMs));
  const step = Math.max(1, Math.floor(windows / SAMPLED_MOMENTS)) * horizon.windowSizeMs;
  for (let atMs = span.throughMs; atMs > span.fromMs; atMs -= step) {
    vectors.push(...(await sampleVectors(transaction, FEATURE_SPEC.hash, atMs, SAMPLED_PER_MOMENT)));
  }
  await nextTurn();
  return inputDrift(reference, FEATURE_SPEC, vectors).map(({ group, drifting, index, threshold, feature }) => ({
    ...{ signal: `inputs.${group}`, version, drifting, value: index, threshold },
    detail: { feature, rows: vectors.length },
  }));
}

/** Never drift by itself: that a model can do less on harder inputs is no reason to train it again. */
async function estimateVerdict(
  transaction: Database,
  { version }: ChampionWatch,
  span: Span,
  { horizon }: DriftDeps,
): Promise<DriftVerdict> {
  const most = SAMPLED_MOMENTS * SAMPLED_PER_MOMENT;
  const probabilities = await sampleProbabilities(transaction, {
    ...span,
    version,
    horizonMs: horizon.horizonMs,
    most,
  });
  const estimate = estimatePerformance(probabilities);
  const finite = Object.entries(estimate).filter(([, value]) => Number.isFinite(value));
  return {
    ...{ signal: "estimated_performance", version, drifting: false, threshold: null },
    value: Number.isFinite(estimate.brierSkill) ? estimate.brierSkill : null,
    detail: Object.fromEntries(finite),
  };
}
