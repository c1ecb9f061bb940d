import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { knownColumns, takeMedian } from "../../../training/fit/known-columns.ts";

/** missing values are NaN, as in feature vectors */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);

describe("columns of known values", () => {
  it("are what each feature has in the chosen rows, in their order", () => {
    const table = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 8 })).chain(([width, count]) =>
      fc.record({
        rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: count, maxLength: count }),
        chosen: fc.subarray(Array.from({ length: count }, (_, row) => row)),
        width: fc.constant(width),
      }),
    );
    fc.assert(
      fc.property(table, ({ rows, chosen, width }) => {
        const columns = Array.from(
          knownColumns(Float32Array.from(rows.flat()), width, Int32Array.from(chosen)),
          ({ feature, known, someMissing }) => ({ feature, known: [...known], someMissing }),
        );
        const expected = Array.from({ length: width }, (_, feature) => {
          const known = chosen.map((row) => rows[row]![feature]!).filter((one) => !Number.isNaN(one));
          return { feature, known, someMissing: known.length < chosen.length };
        });
        expect(columns).toEqual(expected);
      }),
    );
  });

  it("have the median that sorting finds", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 2_000 }), (values) => {
        const sorted = Float64Array.from(values).sort();
        // -0 and 0 are equal, and their order is nobody's business
        expect(takeMedian(Float64Array.from(values)) + 0).toBe(sorted[Math.floor((values.length - 1) / 2)]! + 0);
      }),
    );
  });
});
