import { describe, expect, it } from "vitest";
import { createChampionWatch, watchChampion } from "../../../models/lifecycle/champion-watch.ts";
import { clusteredMean } from "../../../models/lifecycle/clustered-mean.ts";
import { estimatePerformance } from "../../../models/lifecycle/estimated-performance.ts";
import { type KnownRow, knownOutcome } from "../../../models/lifecycle/known-row.ts";
import { addOutcomes, advanceTo, baseRateOf, createLiveBaseRate } from "../../../models/lifecycle/live-base-rate.ts";
import { planMoments } from "../../../models/lifecycle/moments.ts";
import { addToReliability, createReliability, reliabilityError } from "../../../models/lifecycle/reliability.ts";
import { createRandom } from "../../../training/random.ts";

describe("the outcome of a prediction", () => {
  const label = { atMs: 0, alreadyFailing: false, windowsToOnset: null, observedWindows: 9 };
  it.each([
    ["a failure within the horizon", { windowsToOnset: 5 }, 1],
    ["a failure beyond it", { windowsToOnset: 6 }, 0],
    ["a whole horizon without one", { observedWindows: 5 }, 0],
    ["a horizon that was not watched to its end", { observedWindows: 4 }, null],
    ["a warning that someone acted upon", { windowsToOnset: 2, excluded: "mitigated" as const }, null],
    ["a service that was failing already", { excluded: "failing" as const }, null],
  ])("of %s is known", (_, given, outcome) => {
    expect(knownOutcome({ ...label, ...given }, 5)).toBe(outcome);
  });
});

describe("the live base rate", () => {
  it("knows at no moment what became known later", () => {
    let rate = createLiveBaseRate(0.1);
    rate = addOutcomes(rate, { rows: 1_000, positives: 500, throughMs: 100 }, 50);
    expect(baseRateOf(advanceTo(rate, 149))).toBe(0.1);
    expect(baseRateOf(advanceTo(rate, 150))).toBeCloseTo((0.1 * 200 + 500) / 1_200);
    expect(advanceTo(rate, 150).pending).toEqual([]);
  });
});

describe("a clustered mean", () => {
  const cluster = (clusters: number, squares: number) => ({ clusters, squares });
  it("is as unsure as the more dependent way of counting, and says nothing for a single moment", () => {
    const sums = { rows: 10, sum: 5, byTime: cluster(5, 4), byService: cluster(2, 1), byBoth: cluster(10, 2) };
    expect(clusteredMean(sums)?.mean).toBe(0.5);
    const [time, service, both] = [(5 / 4) * 0.04, 2 * 0.01, (10 / 9) * 0.02];
    expect(clusteredMean(sums)?.standardError).toBeCloseTo(Math.sqrt(Math.max(time, service, time + service - both)));
    expect(clusteredMean({ ...sums, byService: cluster(1, 0), byBoth: cluster(5, 4) })?.standardError).toBeCloseTo(
      Math.sqrt(time),
    );
    expect(clusteredMean({ ...sums, byTime: cluster(1, 0) })).toBeNull();
  });
});

describe("estimated performance", () => {
  it("is what outcomes show later, when probabilities hold", () => {
    const random = createRandom(4);
    const probability = Float64Array.from({ length: 20_000 }, () => random.uniform() ** 4);
    const outcome = probability.map((p) => (random.uniform() < p ? 1 : 0));
    const estimate = estimatePerformance(probability);
    const brier = probability.reduce((sum, p, row) => sum + (p - outcome[row]!) ** 2, 0) / probability.length;
    expect(estimate.brier).toBeCloseTo(brier, 2);
    expect(estimate.positiveShare).toBeCloseTo(outcome.reduce((sum, y) => sum + y, 0) / outcome.length, 2);
    expect(estimate.auc).toBeCloseTo(aucOf(probability, outcome), 1.5);
    expect(estimate.brierSkill).toBeGreaterThan(0);
  });

  it("sees no skill in one number for all, and is not a number for nobody", () => {
    const same = estimatePerformance(new Float64Array(50).fill(0.2));
    expect(same).toMatchObject({ rows: 50, brierSkill: expect.closeTo(0), auc: expect.closeTo(0.5) });
    expect(estimatePerformance([])).toMatchObject({ rows: 0, brier: Number.NaN, auc: Number.NaN });
  });
});

function aucOf(probability: Float64Array, outcome: Float64Array): number {
  const order = [...probability.keys()].sort((a, b) => probability[a]! - probability[b]!);
  let [negatives, wins] = [0, 0];
  for (const row of order) {
    if (outcome[row] === 1) wins += negatives;
    else negatives++;
  }
  return wins / (negatives * (probability.length - negatives));
}

describe("reliability", () => {
  it("is the distance between what was said and what came, bin by bin", () => {
    const bins = createReliability();
    expect(reliabilityError(bins)).toBeNaN();
    for (const [probability, outcome] of [
      [1, 1],
      [0.01, 0],
      [0.01, 1],
      [0.01, 0],
    ] as const)
      addToReliability(bins, probability, outcome);
    expect(reliabilityError(bins)).toBeCloseTo(0.97 / 4);
  });
});

describe("the watch over a champion", () => {
  const plan = planMoments(5_000, 1_000);
  const context = { plan, horizonMs: 5_000, baseRateAt: () => 0.1 };
  const row = (atMs: number, given: Partial<KnownRow> = {}): KnownRow => ({
    ...{ serviceId: 1, atMs, version: "2", probability: 0.1, shadows: {}, outcome: 0, windowsToOnset: null },
    ...given,
  });

  it("counts only the champion's own predictions, from when it began to serve", () => {
    const rows = [row(1_000), row(2_000), row(3_000, { version: "1" }), row(3_000, { version: null }), row(4_000)];
    const { watch, sums } = watchChampion(createChampionWatch("2", 1_000, plan), rows, context);
    expect(watch.rows).toBe(2);
    expect(sums).toMatchObject([{ serviceId: 1, blockMs: 0, rows: 2, positives: 0 }]);
  });

  it("counts failures once, however many predictions saw them come", () => {
    const rows = [5, 4, 3, 2, 1].map((left) => row((20 - left) * 1_000, { outcome: 1, windowsToOnset: left }));
    const { watch } = watchChampion(createChampionWatch("2", 0, plan), rows, context);
    expect(watch).toMatchObject({ rows: 5, positives: 5, failures: 1 });
  });

  it("sees its loss rise, and forgets the rise when it falls again", () => {
    const span = (from: number, blocks: number, probability: number) =>
      Array.from({ length: blocks * 5 }, (_, index) => row((from * 5 + index) * 1_000, { probability }));
    let watch = createChampionWatch("2", -1, plan);
    watch = watchChampion(watch, span(0, 60, 0.1), context).watch;
    expect(watch.loss.risen).toBeNull();
    watch = watchChampion(watch, span(60, 60, 0.9), context).watch;
    expect(watch.loss.risen!.after).toBeGreaterThan(watch.loss.risen!.before);
    watch = watchChampion(watch, span(120, 200, 0.1), context).watch;
    expect(watch.loss.risen).toBeNull();
  });

  it("comes to the same sums in one span or in several", () => {
    const rows = Array.from({ length: 40 }, (_, index) => row(index * 1_000, { probability: (index % 7) / 10 }));
    const whole = watchChampion(createChampionWatch("2", -1, plan), rows, context).watch;
    let parts = createChampionWatch("2", -1, plan);
    for (let from = 0; from < 40; from += 3) parts = watchChampion(parts, rows.slice(from, from + 3), context).watch;
    expect(parts.baseRateBetter).toEqual(whole.baseRateBetter);
    expect(parts.loss.adwin.rows[0]?.length).toBe(whole.loss.adwin.rows[0]?.length);
    expect(parts.brier).toBeCloseTo(whole.brier, 10);
  });
});
