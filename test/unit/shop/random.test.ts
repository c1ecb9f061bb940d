import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { between, createRandom, pick, shuffle } from "../../../datasets/shop/random.ts";

describe("the seeded generator", () => {
  it("repeats itself for a seed and stays in [0, 1)", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [first, second] = [createRandom(seed), createRandom(seed)];
        for (let draw = 0; draw < 50; draw += 1) {
          const value = first();
          expect(value).toBe(second());
          expect(value >= 0 && value < 1).toBe(true);
        }
      }),
    );
  });

  it("is about uniform: ten bins of 10 000 draws each hold 9 to 11 %", () => {
    const random = createRandom(7);
    const bins = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const bin = Math.floor(random() * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const count of bins) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });

  it("shuffles without losing or inventing anything, and picks only what is there", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer(), { minLength: 1 }), (seed, items) => {
        const random = createRandom(seed);
        expect(shuffle(random, items).sort()).toEqual([...items].sort());
        expect(items).toContain(pick(random, items));
      }),
    );
    expect(() => pick(createRandom(1), [])).toThrow(RangeError);
    expect(between(() => 0.5, [10, 20])).toBe(15);
  });
});
