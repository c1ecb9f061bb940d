import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ErrorFeatures, FEATURE_FAMILIES, featuresOf } from "../../../models/grouping/error-features.ts";
import { createSimilarityIndex } from "../../../models/grouping/similarity-index.ts";

const frame = (name: string) => {
  const [module = "", call = ""] = name.split("#");
  return { module, function: call, inApp: true };
};

const error = (message: string, ...frames: string[]): ErrorFeatures =>
  featuresOf([{ message, frames: frames.map(frame) }]);

const word = fc.constantFrom("cart", "order", "pool", "lock", "parse", "late", "a1", "503");
const anyError = fc
  .record({ words: fc.array(word, { maxLength: 5 }), frames: fc.array(fc.tuple(word, word), { maxLength: 5 }) })
  .map(({ words, frames }) => error(words.join(" "), ...frames.map(([module, call]) => `${module}#${call}`)));

describe("features of an error", () => {
  it("weigh frames less the further they are from the throw, the innermost cause first", () => {
    const chain = [
      { message: "", frames: [frame("app.Outer#run")] },
      { message: "", frames: [frame("app.Inner#read"), frame("app.Inner#open")] },
    ];
    expect([...featuresOf(chain).calls.weights]).toEqual([1, 1 / Math.sqrt(2), 1 / Math.sqrt(3)].map(Math.fround));
  });

  it("do not see the package, lambda numbers and long ids", () => {
    expect(error("job 123456 of 12 failed", "org.old.Cart#lambda$7")).toEqual(
      error("job 99999999 of 12 failed", "com.new.Cart#lambda$31"),
    );
  });

  it("hold each hash once and stay bounded", () => {
    const long = Array.from({ length: 5_000 }, (_, n) => `app.Class${"x".repeat(n % 40)}#call${n}`);
    const features = error(long.join(" "), ...long);
    for (const family of FEATURE_FAMILIES) {
      const { hashes, weights } = features[family];
      expect(new Set(hashes).size).toBe(hashes.length);
      expect(weights.length).toBe(hashes.length);
      expect(hashes.length).toBeLessThanOrEqual(160);
    }
  });
});

describe("the similarity index", () => {
  it("puts the error that shares rare features before one that shares common ones", () => {
    const index = createSimilarityIndex<string>(100);
    for (let n = 0; n < 20; n++)
      index.add(`noise ${n}`, error("request failed", "web.Server#handle", `app.Part${n}#go`));
    index.add("rare", error("ledger out of balance", "app.Ledger#close"));
    const [first] = index.search(error("request failed ledger", "web.Server#handle", "app.Ledger#close"), { limit: 3 });
    expect(first?.id).toBe("rare");
  });

  it("finds an error again with similarity 1, whatever else it holds", () => {
    fc.assert(
      fc.property(fc.array(anyError, { minLength: 1, maxLength: 12 }), fc.nat(11), (errors, pick) => {
        const index = createSimilarityIndex<number>(50);
        for (const [id, features] of errors.entries()) index.add(id, features);
        const asked = errors[pick % errors.length]!;
        const found = index.search(asked, { limit: 50 });
        for (const { similarity } of found) {
          expect(similarity).toBeGreaterThan(0);
          expect(similarity).toBeLessThanOrEqual(1);
        }
        const isEmpty = FEATURE_FAMILIES.every((family) => asked[family].hashes.length === 0);
        if (isEmpty) expect(found).toEqual([]);
        else expect(found.find(({ id }) => id === pick % errors.length)?.similarity).toBeCloseTo(1, 6);
        expect(found.map(({ similarity }) => similarity)).toEqual(
          found.map(({ similarity }) => similarity).sort((a, b) => b - a),
        );
      }),
    );
  });

  it("answers as if what was removed or replaced had never been there", () => {
    fc.assert(
      fc.property(
        fc.array(anyError, { maxLength: 8 }),
        fc.array(anyError, { maxLength: 8 }),
        anyError,
        (kept, gone, asked) => {
          const plain = createSimilarityIndex<string>(50);
          const busy = createSimilarityIndex<string>(50);
          for (const [n, features] of gone.entries()) busy.add(`gone ${n}`, features);
          for (const [n, features] of kept.entries()) {
            busy.add(`kept ${n}`, gone[0] ?? features);
            busy.add(`kept ${n}`, features);
            plain.add(`kept ${n}`, features);
          }
          for (const n of gone.keys()) expect(busy.remove(`gone ${n}`)).toBe(true);
          expect(busy.search(asked, { limit: 50 })).toEqual(plain.search(asked, { limit: 50 }));
        },
      ),
    );
  });

  it("forgets the oldest beyond its bound", () => {
    const index = createSimilarityIndex<number>(3);
    for (let id = 0; id < 10; id++) index.add(id, error(`kind ${"abcdefghij"[id]}`));
    expect([...index.ids()]).toEqual([7, 8, 9]);
    expect(index.search(error("kind a"), { limit: 10 }).map(({ id }) => id)).toEqual([7, 8, 9]);
  });

  it("returns only those that the caller accepts", () => {
    const index = createSimilarityIndex<number>(1_000);
    for (let id = 0; id < 600; id++) index.add(id, error("pool exhausted"));
    expect(index.search(error("pool exhausted"), { limit: 2, accept: (id) => id >= 598 }).map(({ id }) => id)).toEqual([
      598, 599,
    ]);
  });
});
