/** The numeric side of a window close and of `/predict`: folding features, scoring a fleet in one run, explaining one forecast. */
import { advanceInPlace, createFeatureState, FEATURE_SPEC, vectorOf } from "../../models/features/fold.ts";
import { explain } from "../../models/predictor/explain.ts";
import { PREDICTOR_HAZARD_OUTPUT, PREDICTOR_INPUT } from "../../models/predictor/manifest.ts";
import { predict } from "../../models/predictor/predict.ts";
import { createWindowBuilder } from "../../models/windows/window-builder.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { fitHazardPredictor } from "../../training/fit/fit-predictor.ts";
import type { Suite } from "./harness.ts";
import { durations, quantile, throughput } from "./harness.ts";
import { syntheticRows } from "./synthetic-rows.ts";

const MINUTE = 60_000;
const SERVICES = 1000;
const ROUNDS = 5;

export const predictionSuite: Suite = {
  name: "prediction",
  async run(report) {
    const rows = syntheticRows(4_000, 2);
    const fitted = await fitHazardPredictor(rows, { windowSizeMs: MINUTE, horizonWindows: 15, seed: 1, epochs: 2 });
    const session = await createSession(fitted.onnx, {
      enterAt: [{ input: PREDICTOR_INPUT, outputs: [PREDICTOR_HAZARD_OUTPUT] }],
    });
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

    const explained = await durations(300, (index) =>
      explain(session, fitted.manifest, FEATURE_SPEC, vectors[index % SERVICES]!, 15, 0.5),
    );
    report.figure("explain one forecast, 12 groups: p50", quantile(explained, 0.5), "ms");
    report.figure("explain one forecast, 12 groups: p99", quantile(explained, 0.99), "ms");

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
