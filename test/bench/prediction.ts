/** The numeric side of a window close and of `/predict`: folding features, scoring a fleet in one run, explaining one forecast by a network
 *  alone and by one with as many boosted trees as the search fits. */
import { advanceInPlace, createFeatureState, FEATURE_SPEC, vectorOf } from "../../models/features/fold.ts";
import { encodeVectors } from "../../models/predictor/encode.ts";
import { explain } from "../../models/predictor/explain.ts";
import { PREDICTOR_HAZARD_OUTPUT, PREDICTOR_INPUT, type PredictorManifest } from "../../models/predictor/manifest.ts";
import { predict } from "../../models/predictor/predict.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { createWindowBuilder } from "../../models/windows/window-builder.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { exportPredictor } from "../../training/export/export-predictor.ts";
import { fitBoosted } from "../../training/fit/fit-boosted.ts";
import { fitHazardPredictor } from "../../training/fit/fit-predictor.ts";
import { hazardTargets } from "../../training/fit/hazard-targets.ts";
import type { TrainingRows } from "../../training/fit/training-rows.ts";
import { createRandom } from "../../training/random.ts";
import type { Suite, SuiteReport } from "./harness.ts";
import { cpuDurations, durations, quantile, throughput } from "./harness.ts";
import { syntheticRows } from "./synthetic-rows.ts";

const MINUTE = 60_000;
const SERVICES = 1000;
const ROUNDS = 5;
/** at most as many as `training/fit/search-settings.ts` fits, the finer of its two kinds */
const TREES = { trees: 200, leaves: 16, minCurvature: 0.25, penalty: 0.25, learningRate: 0.15, columnShare: 0.4 };
const HIDDEN = 32;
const HORIZON = 15;
const enterAt = [{ input: PREDICTOR_INPUT, outputs: [PREDICTOR_HAZARD_OUTPUT] }];

export const predictionSuite: Suite = {
  name: "prediction",
  async run(report) {
    const rows = syntheticRows(4_000, 2);
    const fitted = await fitHazardPredictor(rows, { windowSizeMs: MINUTE, horizonWindows: 15, seed: 1, epochs: 2 });
    const session = await createSession(fitted.onnx, { enterAt });
    const width = FEATURE_SPEC.features.length;
    const vectors = Array.from({ length: SERVICES }, (_, row) => rows.vectors.slice(row * width, (row + 1) * width));
    const horizons = [5, 15, 30, 60];

    const scoreAll = () => predict(session, fitted.manifest, vectors, horizons);
    const scoreOneByOne = async () => {
      for (const vector of vectors.slice(0, 100)) await predict(session, fitted.manifest, [vector], horizons);
    };
    const pairs: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      pairs.push([await throughput(SERVICES, 400, scoreAll), await throughput(100, 400, scoreOneByOne)]);
    }
    report.ratio("services scored/s", "one run for the fleet", "one run a service", pairs);
    report.figure(
      "score the fleet: services/s",
      pairs.map(([all]) => all).sort((a, b) => a - b)[2] ?? Number.NaN,
      "1/s",
    );

    const withTrees = await createSession(treesBesideNetwork(rows, fitted.manifest), { enterAt });
    for (const [name, asked] of [
      ["network", session],
      ["network and 200 trees", withTrees],
    ] as const) {
      const ask = (index: number) =>
        explain(asked, fitted.manifest, FEATURE_SPEC, vectors[index % SERVICES]!, HORIZON, 0.5);
      await reportExplanations(`explain one forecast, 12 groups, ${name}`, ask, report);
    }
    await withTrees.release();

    const builder = createWindowBuilder();
    for (let request = 0; request < 50; request += 1)
      builder.request({ durationMs: 10 + request, isError: request === 0 });
    const stats = builder.build();
    const state = createFeatureState();
    let startMs = 0;
    const folded = await throughput(100, 1_000, () => {
      for (let step = 0; step < 100; step += 1) {
        advanceInPlace(state, {
          startMs,
          windowSizeMs: MINUTE,
          stats,
          failed: false,
          newFingerprintCount: 0,
          callers: null,
          fleet: { reportingCount: 10, failedCount: 0, onsetCount: 0, requestCount: 500, requestErrorCount: 10 },
        });
        startMs += MINUTE;
      }
      vectorOf(state);
    });
    report.figure("fold one window into a service's features: windows/s", folded, "1/s");
    await session.release();
  },
};

async function reportExplanations(
  name: string,
  ask: (index: number) => Promise<unknown>,
  report: SuiteReport,
): Promise<void> {
  await durations(50, ask);
  const [wall, cpu] = [await durations(300, ask), await cpuDurations(300, ask)];
  report.figure(`${name}: p50`, quantile(wall, 0.5), "ms");
  report.figure(`${name}: p99`, quantile(wall, 0.99), "ms");
  report.figure(`${name}: CPU p50`, quantile(cpu, 0.5), "ms");
  report.figure(`${name}: CPU p99`, quantile(cpu, 0.99), "ms");
}

/** A graph of the size that a fit on many rows makes: what its network weighs does not matter here, its trees are fitted to the rows. */
function treesBesideNetwork(rows: TrainingRows, { scaler, members, edges }: PredictorManifest): Uint8Array {
  const random = createRandom(3);
  const { width } = scaler;
  const [buckets, classes] = [edges.length, ERROR_CLASSES.length];
  const [units, outputs] = [members * HIDDEN, members * buckets];
  const drawn = (size: number) => Float32Array.from({ length: size }, () => 0.1 * random.normal());
  const n = rows.windowsToOnset.length;
  const boosted = fitBoosted(
    {
      ...{ n, x: encodeVectors(rows.vectors, scaler), weight: new Float32Array(n).fill(1), classes: null },
      ...hazardTargets(rows.windowsToOnset, rows.observedWindows, edges),
      cluster: Int32Array.from({ length: n }, (_, row) => row),
    },
    null,
    { ...TREES, width, buckets, covered: 1 + edges.findIndex((edge) => edge >= HORIZON), seed: 1 },
  );
  return exportPredictor(
    {
      ...{ width, buckets, members, hidden: HIDDEN, classes },
      ...{ hiddenWeight: drawn(width * units), hiddenBias: drawn(units), linearWeight: drawn(width * outputs) },
      ...{ outWeight: drawn(units * outputs), bias: drawn(outputs) },
      ...{ classLinear: drawn(width * classes), classHidden: drawn(units * classes), classBias: drawn(classes) },
    },
    { boosted, share: 0.5 },
  );
}
