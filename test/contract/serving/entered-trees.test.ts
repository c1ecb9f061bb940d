/** Boosted trees beside the network: what every coalition is told behind the cut is what the whole graph says, and that is what trees and
 *  network say by definition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coalitionLogOdds } from "../../../models/predictor/coalitions.ts";
import { meanLogits } from "../../../models/predictor/ensemble.ts";
import { identityCalibration, logOddsWithin } from "../../../models/predictor/hazard.ts";
import {
  PREDICTOR_HAZARD_OUTPUT,
  PREDICTOR_INPUT,
  type PredictorManifest,
} from "../../../models/predictor/manifest.ts";
import { createSession } from "../../../services/platform/serving/onnx-session.ts";
import { exportPredictor, type TreeVoice } from "../../../training/export/export-predictor.ts";
import { createGraph } from "../../../training/export/onnx-writer.ts";
import { boostedScores } from "../../../training/fit/fit-boosted.ts";
import type { RegressionTree } from "../../../training/fit/grow-tree.ts";
import { createRandom, type Random } from "../../../training/random.ts";

const WIDTH = 24;
const PLAYERS = 8;
const [members, hidden, buckets, classes] = [3, 4, 4, 2];
const enterAt = [{ input: PREDICTOR_INPUT, outputs: [PREDICTOR_HAZARD_OUTPUT] }];
/** Inputs and thresholds come from the same few values, so that many lie on a threshold; a tenth is no float32. Missing is 0 beside a mask
 *  of 1, which are two of them. */
const VALUES = Float32Array.of(-6, -0.7, -0.1, 0, 0.1, 0.3, 1, 2.5);

/** What `coalitionLogOdds` reads of a manifest. */
const manifest = {
  members,
  edges: [1, 3, 8, 20],
  calibration: { ...identityCalibration(buckets), slope: new Array<number>(buckets).fill(0.8) },
} as unknown as PredictorManifest;

const columns = Array.from({ length: PLAYERS }, (_, player) =>
  Array.from({ length: WIDTH }, (_, column) => column).filter((column) => column % PLAYERS === player),
);

const oneOf = (random: Random): number => VALUES[Math.floor(random.uniform() * VALUES.length)]!;

/** Grown at random leaves: some bushy, some one long chain. */
function randomTree(random: Random, leaves: number): RegressionTree {
  const leaf = () => ({ column: -1, threshold: 0, left: -1, right: -1, value: 0.1 * random.normal() });
  const nodes = [leaf()];
  const chain = random.uniform() < 0.3;
  for (let split = 1; split < leaves; split++) {
    const open = nodes.flatMap(({ column }, index) => (column < 0 ? [index] : []));
    const at = chain ? open.at(-1)! : open[Math.floor(random.uniform() * open.length)]!;
    const column = Math.floor(random.uniform() * WIDTH);
    nodes[at] = { column, threshold: oneOf(random), left: nodes.length, right: nodes.length + 1, value: 0 };
    nodes.push(leaf(), leaf());
  }
  return nodes;
}

function randomVoice(random: Random, trees: number): TreeVoice {
  return {
    boosted: {
      trees: Array.from({ length: trees }, () => randomTree(random, 1 + Math.floor(random.uniform() * 16))),
      bias: Float32Array.of(-3, -2.5, -2),
    },
    share: 0.25 + 0.75 * random.uniform(),
  };
}

function networkOf(random: Random) {
  const drawn = (size: number) => Float32Array.from({ length: size }, () => 0.2 * random.normal());
  const [units, outputs] = [members * hidden, members * buckets];
  return {
    ...{ width: WIDTH, buckets, members, hidden, classes },
    ...{ hiddenWeight: drawn(WIDTH * units), hiddenBias: drawn(units), linearWeight: drawn(WIDTH * outputs) },
    ...{ outWeight: drawn(units * outputs), bias: drawn(outputs) },
    ...{ classLinear: drawn(WIDTH * classes), classHidden: drawn(units * classes), classBias: drawn(classes) },
  };
}

function gameOf(random: Random) {
  const input = () => Float32Array.from({ length: WIDTH }, () => oneOf(random));
  return { observed: input(), expected: input(), columns };
}

describe("trees in a network that is entered behind its first steps", () => {
  it("say of every coalition what the whole graph says, to 1e-5", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 60 }), async (seed, trees) => {
        const random = createRandom(seed);
        const graph = exportPredictor(networkOf(random), randomVoice(random, trees));
        const session = await createSession(graph, { enterAt });
        try {
          expect(session.entered?.[PREDICTOR_INPUT]?.trees).toHaveLength(1);
          const game = gameOf(random);
          const horizon = 0.5 + 25 * random.uniform();
          const parts = await coalitionLogOdds(session, manifest, game, horizon);
          const whole = await coalitionLogOdds({ run: session.run }, manifest, game, horizon);
          expect(parts).toHaveLength(2 ** PLAYERS);
          const farthest = parts.reduce((most, value, index) => Math.max(most, Math.abs(value - whole[index]!)), 0);
          expect(farthest).toBeLessThan(1e-5);
        } finally {
          await session.release();
        }
      }),
      { numRuns: 40 },
    );
  });

  it("and the network share the log-odds of each coalition as they were exported to", async () => {
    const random = createRandom(5);
    const [network, voice] = [networkOf(random), randomVoice(random, 30)];
    const [both, alone] = await Promise.all([
      createSession(exportPredictor(network, voice), { enterAt }),
      createSession(exportPredictor(network)),
    ]);
    const game = gameOf(random);
    const values = await coalitionLogOdds(both, manifest, game, 6);
    for (const coalition of [0, 1, 37, 128, 200, 255]) {
      const input = game.expected.slice();
      for (const [player, own] of columns.entries())
        for (const column of own) if (coalition & (1 << player)) input[column] = game.observed[column]!;
      const { [PREDICTOR_HAZARD_OUTPUT]: hazard } = await alone.run({
        [PREDICTOR_INPUT]: { data: input, dims: [1, WIDTH] },
      });
      const logits = meanLogits(hazard!.data, 1, members, buckets);
      const score = boostedScores(voice.boosted, input, WIDTH)[0]!;
      for (const [bucket, bias] of voice.boosted.bias.entries())
        logits[bucket] = (1 - voice.share) * logits[bucket]! + voice.share * (bias + score);
      expect(values[coalition]).toBeCloseTo(logOddsWithin(logits, 0, manifest.edges, 6, manifest.calibration), 4);
    }
    await Promise.all([both.release(), alone.release()]);
  });

  it("are left in the graph where they decide in another way than ours", async () => {
    const graph = createGraph("trees");
    const x = graph.input(PREDICTOR_INPUT, 1);
    const stump: RegressionTree = [
      { column: 0, threshold: 1, left: 1, right: 2, value: 0 },
      { column: -1, threshold: 0, left: -1, right: -1, value: 1 },
      { column: -1, threshold: 0, left: -1, right: -1, value: 2 },
    ];
    graph.output(PREDICTOR_HAZARD_OUTPUT, graph.trees(x, [stump]), 1);
    const bytes = Buffer.from(graph.build());
    const ours = await createSession(bytes, { enterAt });
    expect(ours.entered?.[PREDICTOR_INPUT]?.trees[0]?.trees.value).toEqual(Float32Array.of(0, 1, 2));
    // the same length, so nothing else in the file changes
    const others = Buffer.from(bytes.toString("latin1").replaceAll("BRANCH_LT", "BRANCH_GT"), "latin1");
    const theirs = await createSession(others, { enterAt });
    expect(theirs.entered).toBeUndefined();
    await Promise.all([ours.release(), theirs.release()]);
  });
});
