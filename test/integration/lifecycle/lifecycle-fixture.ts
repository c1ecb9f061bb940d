/** A made-up stream, written into the store as the window closer would have left it, with predictors whose answer is one number. */
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { identityCalibration, logit } from "../../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { emptyWindowStats } from "../../../models/windows/window-stats.ts";
import { newUuid } from "../../../services/platform/clock.ts";
import { setClosedThrough } from "../../../services/platform/store/clock-store.ts";
import type { Database } from "../../../services/platform/store/database.ts";
import { insertPredictions } from "../../../services/platform/store/predictions-store.ts";
import { registerVersion } from "../../../services/platform/store/registry-store.ts";
import { addServices, identityKey } from "../../../services/platform/store/services-store.ts";
import { writeVectors } from "../../../services/platform/store/vectors-store.ts";
import { createGraph } from "../../../training/export/onnx-writer.ts";
import { createRandom, type Random } from "../../../training/random.ts";

export const SIZE_MS = 60_000;
export const HORIZON_MS = 5 * SIZE_MS;
export const HORIZON = { windowSizeMs: SIZE_MS, horizonMs: HORIZON_MS };
/** 2026-03-02T12:00:00Z, on the edge of a window and of a horizon */
export const T0 = 1_772_452_800_000;

export const NAME = "failure-predictor";

/** One service's plan: failures begin at these windows and last two. */
export interface Stream {
  serviceIds: number[];
  /** writes the next window of every service */
  advance(): Promise<void>;
  /** number of windows written */
  windows(): number;
}

export interface StreamPlan {
  services: number;
  /** healthy windows between failures, about */
  meanGap: number;
  seed: number;
  /** who answers and what, for the next window of a service; `soon`: a failure begins within the horizon */
  answer(moment: { soon: boolean; window: number; random: Random }): { version: string | null; probability: number };
}

/** The value of the only feature that the stored vectors have. */
export const READ_FEATURE = FEATURE_SPEC.features.findIndex(({ group }) => group === "error_level");

export async function startStream(db: Database, plan: StreamPlan): Promise<Stream> {
  const random = createRandom(plan.seed);
  const names = Array.from({ length: plan.services }, (_, index) => `service-${index}`);
  const identities = names.map((name) => ({ namespace: "", name, environment: "" }));
  const ids = await addServices(
    db,
    identities.map((identity) => ({ ...identity, firstEventMs: T0, lastEventMs: T0, mergedAtMs: T0 })),
    identities.length,
  );
  const serviceIds = identities.map((identity) => ids.get(identityKey(identity)) ?? Number.NaN);
  const onsets = serviceIds.map(() => drawOnsets(random, plan.meanGap));
  let window = 0;
  const isFailing = (index: number, at: number) => onsets[index]!.has(at) || onsets[index]!.has(at - 1);
  const isSoon = (index: number, at: number) =>
    Array.from({ length: HORIZON_MS / SIZE_MS }, (_, step) => at + 1 + step).some((next) => onsets[index]!.has(next));
  return {
    serviceIds,
    windows: () => window,
    async advance() {
      const startMs = T0 + window * SIZE_MS;
      const atMs = startMs + SIZE_MS;
      const at = window;
      await db
        .insertInto("windows")
        .values(
          serviceIds.map((serviceId, index) => ({
            ...{ service_id: serviceId, start_ms: startMs, stats: JSON.stringify(emptyWindowStats()), closed: true },
            ...{ failed: isFailing(index, at), onset: onsets[index]!.has(at) },
          })),
        )
        .execute();
      const vectors = serviceIds.map((serviceId, index) => {
        const vector = new Float32Array(FEATURE_SPEC.features.length).fill(Number.NaN);
        vector[READ_FEATURE] = isSoon(index, at) ? 1 : 0;
        return { serviceId, atMs, vector };
      });
      await writeVectors(db, FEATURE_SPEC.hash, vectors);
      await insertPredictions(
        db,
        serviceIds.map((serviceId, index) => {
          const { version, probability } = plan.answer({ soon: isSoon(index, at), window: at, random });
          const horizons = [HORIZON_MS, 15 * SIZE_MS].map((horizonMs) => ({
            ...{ horizonMs, probability: horizonMs === HORIZON_MS ? probability : 0.5 },
            ...{ lower: 0, upper: 1 },
          }));
          return {
            ...{ id: newUuid(), serviceId, atMs, madeAtMs: atMs, source: "window" as const, horizons },
            ...{ modelName: version === null ? "base-rate" : NAME, modelVersion: version },
            ...{ state: "ready", confidence: null, detail: null },
          };
        }),
      );
      window++;
      await setClosedThrough(db, atMs);
    },
  };
}

function drawOnsets(random: Random, meanGap: number): Set<number> {
  const onsets = new Set<number>();
  for (let window = 3; window < 20_000; ) {
    window += 6 + Math.floor(-Math.log(1 - random.uniform()) * meanGap);
    onsets.add(window);
  }
  return onsets;
}

/** A predictor that says `quiet` where the feature is 0 and `warned` where it is 1 (P within the horizon). */
export async function registerPredictor(
  db: Database,
  { quiet, warned, status = "passed" }: { quiet: number; warned: number; status?: "passed" | "rejected" },
): Promise<string> {
  const low = logit(quiet);
  const high = logit(warned);
  const graph = createGraph("one-number");
  const x = graph.input("features", 1);
  const dense = (weight: number, bias: number, out: number) =>
    graph.dense(x, new Float32Array(out).fill(weight), { in: 1, out }, new Float32Array(out).fill(bias));
  graph.output("hazard_logits", dense(high - low, low, 1), 1);
  graph.output("class_logits", dense(0, 0, 1), 1);
  const manifest: PredictorManifest = {
    ...{ kind: "failure-predictor", format: 2, specHash: FEATURE_SPEC.hash, windowSizeMs: SIZE_MS, members: 1 },
    edges: [HORIZON_MS / SIZE_MS],
    scaler: {
      ...{ featureCount: FEATURE_SPEC.features.length, width: 1 },
      features: [{ feature: READ_FEATURE, transform: "linear", unit: 1, mean: 0, deviation: 1, maskColumn: null }],
    },
    ...{ calibration: identityCalibration(1), expected: FEATURE_SPEC.features.map(() => null), classes: [] },
    uncertainty: { calibrationDeviation: 0, spreadScale: 1 },
  };
  const { version } = await registerVersion(db, {
    ...{ name: NAME, status, manifest, metrics: {}, verdict: {}, card: "", datasetHash: "", createdAtMs: T0 },
    artifact: graph.build(),
  });
  return version;
}
