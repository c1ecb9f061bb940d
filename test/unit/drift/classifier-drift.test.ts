import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeError } from "../../../models/classifier/encoder.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { inputDrift, type KindsOfError, lossDrift, noveltyDrift } from "../../../models/drift/classifier-drift.ts";
import { createNoveltyMeter, fitThreshold, vocabularyOf } from "../../../models/drift/novelty.ts";
import { fitVocabulary, readVocabulary } from "../../../models/drift/token-vocabulary.ts";

const tokensOf = (body: string) =>
  encodeError(
    readError({
      service: { namespace: "", name: "", environment: "" },
      ...{ timeMs: 0, source: "log", attributes: {}, body },
    }),
  );

describe("a vocabulary", () => {
  it("knows every name that it was made of, also after a journey as JSON", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), (names) => {
        const reader = readVocabulary(JSON.parse(JSON.stringify(fitVocabulary(new Set(names)))));
        for (const name of names) expect(reader.has(name)).toBe(true);
      }),
    );
  });

  it("takes few others for known", () => {
    const reader = readVocabulary(fitVocabulary(new Set(Array.from({ length: 3000 }, (_, index) => `known ${index}`))));
    const mistaken = Array.from({ length: 3000 }, (_, index) => `other ${index}`).filter((name) => reader.has(name));
    expect(mistaken.length).toBeLessThan(90);
  });
});

describe("novelty", () => {
  const trained = ["connection refused by upstream", "read timed out after waiting", "disk quota exceeded"].map(
    tokensOf,
  );
  const known = vocabularyOf(trained);
  const meter = createNoveltyMeter({ vocabulary: fitVocabulary(known), threshold: 0.4 });

  it("is none for the words of training in another order, and full for words of another world", () => {
    expect(meter(tokensOf("upstream timed out, connection refused"))).toMatchObject({ novel: false });
    const strange = meter(tokensOf("zorblax quibbled beyond perihelion"));
    expect(strange.novel).toBe(true);
    expect(strange.unknownShare).toBeGreaterThan(0.9);
  });

  it("has a threshold that nearly all errors of unseen families stay under", () => {
    const unseen = Array.from({ length: 100 }, (_, index) =>
      tokensOf(index < 96 ? "connection refused again" : "zorblax quibbled beyond perihelion"),
    );
    const threshold = fitThreshold(known, unseen);
    const beyond = unseen.filter(
      (tokens) => createNoveltyMeter({ vocabulary: fitVocabulary(known), threshold })(tokens).novel,
    );
    expect(beyond.length).toBeLessThanOrEqual(5);
    expect(beyond.length).toBeGreaterThan(0);
  });
});

describe("the classifier's drift", () => {
  const kinds = (count: number, of: (index: number) => [string, string[]]): KindsOfError => {
    const made = Array.from({ length: count }, (_, index) => of(index));
    return { classes: made.map(([name]) => name), words: made.map(([, words]) => words) };
  };
  const usual = (index: number): [string, string[]] => [
    index % 3 === 0 ? "timeout" : "conflict",
    [`word${index % 7}`, `word${index % 5}`],
  ];

  it("is not seen where class mix and words stay as they were", () => {
    for (const { drifting } of inputDrift(
      kinds(200, usual),
      kinds(60, (index) => usual(index + 1)),
    ))
      expect(drifting).toBe(false);
  });

  it("is seen in a class mix that moves, and in words that nobody used before", () => {
    const [classes, words] = inputDrift(
      kinds(200, usual),
      kinds(60, (index) => ["crash", usual(index)[1]]),
    );
    expect([classes!.drifting, words!.drifting]).toEqual([true, false]);
    const [, others] = inputDrift(
      kinds(200, usual),
      kinds(60, (index) => [usual(index)[0], [`new${index}`]]),
    );
    expect(others!.drifting).toBe(true);
  });

  it("is not claimed from a handful of kinds", () => {
    for (const { drifting, value } of inputDrift(
      kinds(200, usual),
      kinds(10, () => ["crash", ["x"]]),
    ))
      expect([drifting, value]).toEqual([false, null]);
    expect(noveltyDrift([true, true, true])).toMatchObject({ drifting: false, value: null });
  });

  it("is seen when labels begin to surprise, not when they surprise no more", () => {
    const calm = Array.from({ length: 60 }, (_, index) => 0.05 + (index % 5) * 0.01);
    const surprised = Array.from({ length: 60 }, (_, index) => 2.5 + (index % 5) * 0.1);
    expect(lossDrift(calm).drifting).toBe(false);
    expect(lossDrift([...calm, ...surprised]).drifting).toBe(true);
    expect(lossDrift([...surprised, ...calm]).drifting).toBe(false);
  });

  it("is seen when far more recent kinds are novel than of unseen families", () => {
    const share = (novel: number) => noveltyDrift(Array.from({ length: 100 }, (_, index) => index < novel)).drifting;
    expect([share(5), share(9), share(25)]).toEqual([false, false, true]);
    expect(noveltyDrift(null)).toMatchObject({ drifting: false, value: null });
  });
});
