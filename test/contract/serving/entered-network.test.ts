import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coalitionLogOdds } from "../../../models/predictor/coalitions.ts";
import { identityCalibration } from "../../../models/predictor/hazard.ts";
import {
  PREDICTOR_HAZARD_OUTPUT,
  PREDICTOR_INPUT,
  type PredictorManifest,
} from "../../../models/predictor/manifest.ts";
import { createSession, type OwnedSession } from "../../../services/platform/serving/onnx-session.ts";
import { exportPredictor } from "../../../training/export/export-predictor.ts";
import { createGraph } from "../../../training/export/onnx-writer.ts";
import { createRandom } from "../../../training/random.ts";

const WIDTH = 30;
const [members, hidden, buckets, classes] = [3, 8, 4, 5];
const enterAt = [{ input: PREDICTOR_INPUT, outputs: [PREDICTOR_HAZARD_OUTPUT] }];

/** What `coalitionLogOdds` reads of a manifest. */
const manifest = {
  members,
  edges: [1, 3, 8, 20],
  calibration: { ...identityCalibration(buckets), slope: new Array<number>(buckets).fill(0.8) },
} as unknown as PredictorManifest;

const columns = Array.from({ length: 11 }, (_, player) =>
  Array.from({ length: WIDTH }, (_, column) => column).filter((column) => column % 11 === player),
);

let session: OwnedSession;
beforeAll(async () => {
  const random = createRandom(7);
  const drawn = (size: number) => Float32Array.from({ length: size }, () => 0.4 * random.normal());
  const [units, outputs] = [members * hidden, members * buckets];
  const graph = exportPredictor({
    ...{ width: WIDTH, buckets, members, hidden, classes },
    hiddenWeight: drawn(WIDTH * units),
    hiddenBias: drawn(units),
    linearWeight: drawn(WIDTH * outputs),
    outWeight: drawn(units * outputs),
    bias: drawn(outputs),
    classLinear: drawn(WIDTH * classes),
    classHidden: drawn(units * classes),
    classBias: drawn(classes),
  });
  session = await createSession(graph, { enterAt });
});
afterAll(() => session?.release());

const input = fc
  .array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: WIDTH, maxLength: WIDTH })
  .map((values) => Float32Array.from(values));

describe("a network entered behind its first maps", () => {
  it("says of every coalition what the whole network says, to 1e-5", async () => {
    expect(session.entered?.[PREDICTOR_INPUT]?.entries.map((entry) => entry.columns)).toEqual([
      members * hidden,
      members * buckets,
    ]);
    await fc.assert(
      fc.asyncProperty(
        input,
        input,
        fc.double({ min: 0.5, max: 30, noNaN: true }),
        async (observed, expected, horizon) => {
          const game = { observed, expected, columns };
          const parts = await coalitionLogOdds(session, manifest, game, horizon);
          const whole = await coalitionLogOdds({ run: session.run }, manifest, game, horizon);
          expect(parts).toHaveLength(2 ** 11);
          const farthest = parts.reduce((most, value, index) => Math.max(most, Math.abs(value - whole[index]!)), 0);
          expect(farthest).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("leaves out what its outputs do not need", async () => {
    expect(session.entered?.[PREDICTOR_INPUT]?.entries.some((entry) => entry.columns === classes)).toBe(false);
  });

  it("is not offered where the input enters in another way", async () => {
    const graph = createGraph("other");
    const x = graph.input(PREDICTOR_INPUT, 2);
    graph.output(PREDICTOR_HAZARD_OUTPUT, graph.relu(x), 2);
    const other = await createSession(graph.build(), { enterAt });
    expect(other.entered).toBeUndefined();
    await other.release();
  });

  it("is not offered where the input is also read past the maps", async () => {
    const graph = createGraph("skip");
    const x = graph.input(PREDICTOR_INPUT, 2);
    const mapped = graph.dense(x, Float32Array.of(1, 0, 0, 1), { in: 2, out: 2 });
    graph.output(PREDICTOR_HAZARD_OUTPUT, graph.mul(mapped, x), 2);
    const other = await createSession(graph.build(), { enterAt });
    expect(other.entered).toBeUndefined();
    await other.release();
  });
});
