import { describe, expect, it } from "vitest";
import { fitLogistic, predictLogistic } from "../../../training/fit/fit-logistic.ts";
import { minimise } from "../../../training/fit/minimise.ts";
import { createRandom } from "../../../training/random.ts";

describe("minimise", () => {
  it("finds the bottom of Rosenbrock's valley", () => {
    const found = minimise(
      (point, gradient) => {
        const [x, y] = [point[0]!, point[1]!];
        gradient[0] = -400 * x * (y - x * x) - 2 * (1 - x);
        gradient[1] = 200 * (y - x * x);
        return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
      },
      Float64Array.of(-1.2, 1),
    );
    expect(found[0]).toBeCloseTo(1, 3);
    expect(found[1]).toBeCloseTo(1, 3);
  });
});

describe("the logistic baseline", () => {
  it("recovers the weights it was sampled from", () => {
    const random = createRandom(2);
    const n = 20_000;
    const x = Float32Array.from({ length: 2 * n }, () => random.normal());
    const outcome = Float32Array.from({ length: n }, (_, row) => {
      const score = -1 + 2 * x[2 * row]! - 0.5 * x[2 * row + 1]!;
      return random.uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
    });
    const model = fitLogistic({ x, width: 2, outcome });
    expect(model.bias).toBeCloseTo(-1, 1);
    expect(model.weights[0]).toBeCloseTo(2, 1);
    expect(model.weights[1]).toBeCloseTo(-0.5, 1);
  });

  it("stays finite when one input tells everything, and answers the base rate without inputs", () => {
    const outcome = Float32Array.of(0, 0, 1, 1);
    const separated = fitLogistic({ x: Float32Array.of(-1, -1, 1, 1), width: 1, outcome });
    expect(Number.isFinite(separated.weights[0])).toBe(true);
    const blind = fitLogistic({ x: new Float32Array(4), width: 1, outcome: Float32Array.of(0, 0, 0, 1) });
    expect(predictLogistic(blind, new Float32Array(1))[0]).toBeCloseTo(0.25, 4);
  });
});
