/** Seconds per epoch of the failure predictor's fit, on each backend that loads here, and of the whole fit that `POST /training/jobs` does on
 *  100 000 training rows: search, trees, calibrating fit, calibration and the final fit on the calibration slice too. Not included: reading the
 *  history, the gate's judgement and the models that are set beside it. */
import { performance } from "node:perf_hooks";
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import { HAZARD_EDGES } from "../../models/predictor/edges.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { encodeRows } from "../../training/fit/encode-rows.ts";
import { fitHazard } from "../../training/fit/fit-hazard.ts";
import { fitHazardPredictor } from "../../training/fit/fit-predictor.ts";
import { fitScaler } from "../../training/fit/fit-scaler.ts";
import { planFit } from "../../training/fit/plan-fit.ts";
import { type BackendName, selectBackend } from "../../training/tf/backend.ts";
import type { Suite } from "./harness.ts";
import { quantile } from "./harness.ts";
import { syntheticRows } from "./synthetic-rows.ts";

/** few enough for plain JavaScript */
const ROWS = 8_000;
const EPOCHS = 2;
/** 100 000 of them to train on */
const WHOLE_FIT_ROWS = 142_858;
const BACKENDS: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];

export const trainingSuite: Suite = {
  name: "training",
  async run(report) {
    const rows = syntheticRows(ROWS, 1);
    const scaler = fitScaler(rows.vectors, FEATURE_SPEC.features.length, rows.split.train);
    const spanMs = 15 * 60_000;
    const plan = planFit(rows, rows.split.train, spanMs, EPOCHS);
    const edges = [...HAZARD_EDGES];
    const train = encodeRows(rows, { rows: rows.split.train, weightOf: () => 1 }, scaler, {
      edges,
      spanMs,
      classes: false,
    });
    report.figure("rows", train.n, "1");
    report.figure("encoded inputs", scaler.width, "1");

    const secondsOf = new Map<BackendName, number>();
    for (const name of BACKENDS) {
      try {
        await selectBackend(name);
      } catch (error) {
        console.log(`  ${name}: not available here (${error instanceof Error ? error.message : error})`);
        continue;
      }
      const seconds: number[] = [];
      let last = performance.now();
      await fitHazard(train, {
        ...plan.settings,
        width: scaler.width,
        buckets: edges.length,
        classes: ERROR_CLASSES.length,
        members: 5,
        seed: 1,
        epochs: EPOCHS,
        onEpoch: () => {
          const now = performance.now();
          seconds.push((now - last) / 1000);
          last = now;
        },
      });
      const middle = quantile(
        seconds.slice(1).sort((a, b) => a - b),
        0.5,
      );
      secondsOf.set(name, middle);
      report.figure(`${name}: seconds per epoch, 5 members`, middle, "s");
    }
    // without a name, the one that was selected last is kept; BACKENDS begins with the fastest
    await selectBackend([...secondsOf.keys()][0]);
    const many = syntheticRows(WHOLE_FIT_ROWS, 2);
    const [started, startedCpu] = [performance.now(), process.cpuUsage()];
    const fitted = await fitHazardPredictor(many, { windowSizeMs: 60_000, horizonWindows: 15, seed: 1 });
    report.figure("training rows of the whole fit", many.split.train.length, "1");
    report.figure("inputs of the whole fit", fitted.fit.inputs, "1");
    report.figure(`whole fit, ${fitted.fit.backend}`, (performance.now() - started) / 1000, "s");
    const { user, system } = process.cpuUsage(startedCpu);
    report.figure(`whole fit, ${fitted.fit.backend}: CPU`, (user + system) / 1e6, "s");
    const [wasm, cpu] = [secondsOf.get("wasm"), secondsOf.get("cpu")];
    if (wasm !== undefined && cpu !== undefined) {
      report.ratio("epochs/s", "WASM", "plain JavaScript", [[1 / wasm, 1 / cpu]]);
    }
  },
};
