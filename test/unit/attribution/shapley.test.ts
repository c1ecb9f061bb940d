import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitCount, shapleyValues } from "../../../models/attribution/shapley.ts";

const game = (players: number) =>
  fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2 ** players, maxLength: 2 ** players });
const anyGame = fc.integer({ min: 0, max: 7 }).chain((players) => game(players));

describe("exact Shapley values", () => {
  it("solve the glove game by hand: left glove 2/3, each right glove 1/6", () => {
    // Player 0 holds a left glove, 1 and 2 a right one each; a pair is worth 1.
    const values = [0, 0, 0, 1, 0, 1, 0, 1];
    expect([...shapleyValues(values)]).toEqual([
      expect.closeTo(2 / 3, 12),
      expect.closeTo(1 / 6, 12),
      expect.closeTo(1 / 6, 12),
    ]);
  });

  it("add up to the worth of all less the worth of none", () => {
    fc.assert(
      fc.property(anyGame, (values) => {
        const sum = shapleyValues(values).reduce((total, value) => total + value, 0);
        expect(Math.abs(sum - (values.at(-1)! - values[0]!))).toBeLessThan(1e-9);
      }),
    );
  });

  it("give a dummy nothing and leave the others as they were without it", () => {
    fc.assert(
      fc.property(game(4), (values) => {
        // A fifth player, bit 4, that changes no coalition's worth.
        const shares = shapleyValues([...values, ...values]);
        const without = shapleyValues(values);
        expect(shares[4]).toBe(0);
        for (let player = 0; player < 4; player++) expect(shares[player]).toBeCloseTo(without[player]!, 9);
      }),
    );
  });

  it("treat players alike who contribute alike", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 6, maxLength: 6 }), (bySize) => {
        const values = Array.from({ length: 32 }, (_, coalition) => bySize[bitCount(coalition)]!);
        const shares = shapleyValues(values);
        for (const share of shares) expect(share).toBeCloseTo(shares[0]!, 9);
      }),
    );
  });

  it("refuse a table that is no power of two", () => {
    expect(() => shapleyValues([0, 1, 2])).toThrow(RangeError);
  });
});
