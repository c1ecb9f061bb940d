import { expect, it } from "vitest";
import { ENCODER_WIDTH } from "../../../models/classifier/encoder.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import { averageNetworks, logitsOf, type NetworkWeights } from "../../../training/classifier/fit-network.ts";
import { createRandom } from "../../../training/random.ts";

const C = ERROR_CLASSES.length;

function network(seed: number, width: number): NetworkWeights {
  const random = createRandom(seed);
  const draw = (length: number) => Float32Array.from({ length }, () => random.normal());
  return {
    linear: draw(ENCODER_WIDTH * C),
    hidden: draw(ENCODER_WIDTH * width),
    hiddenBias: draw(width),
    output: draw(width * C),
    bias: draw(C),
  };
}

it("averages networks into one that gives the mean of their logits", () => {
  const members = [network(1, 2), network(2, 3)];
  const row = { tokens: [5, 77, 4000].map((index) => ({ name: "", index, value: 0.5 })) };
  const [first, second] = members.map((member) => logitsOf(row, member));
  const mean = logitsOf(row, averageNetworks(members));
  for (let c = 0; c < C; c++) expect(mean[c]).toBeCloseTo((first![c]! + second![c]!) / 2, 4);
});
