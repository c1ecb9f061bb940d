import { describe, expect, it } from "vitest";
import { createMomentSums, planMoments } from "../../../models/lifecycle/moments.ts";
import {
  addMoment,
  createPairedEvidence,
  evidencePValue,
  type PairedEvidence,
  pairedMoment,
} from "../../../models/lifecycle/paired-evidence.ts";
import { createRandom } from "../../../training/random.ts";

/** Moments of five services whose chance is 2 %, or 30 % in a tenth of the cases.
 *  @returns the first moment at which A is sure to be better, null when there is none */
function firstSure(
  seed: number,
  moments: number,
  b: (chance: number, moment: number, uniform: () => number) => number,
  confidence = 0.95,
): number | null {
  const random = createRandom(seed);
  let evidence: PairedEvidence = createPairedEvidence(5);
  for (let moment = 0; moment < moments; moment++) {
    const sum = { gain: 0, risk: 0 };
    for (let service = 0; service < 5; service++) {
      const chance = random.uniform() < 0.1 ? 0.3 : 0.02;
      const said = b(chance, moment, random.uniform);
      const { gain, risk } = pairedMoment(0.048, said, random.uniform() < chance ? 1 : 0);
      sum.gain += gain;
      sum.risk += risk;
    }
    evidence = addMoment(evidence, moment, sum);
    if (evidencePValue(evidence) <= 1 - confidence) return moment;
  }
  return null;
}
const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
const cryingWolf = (_chance: number, _moment: number, uniform: () => number) => (uniform() < 0.05 ? 0.8 : 0.02);

describe("paired evidence", () => {
  it("is hardly ever sure without reason, though it is looked at after every moment", () => {
    // B errs as much as A: it says A's value less or more, which costs it what its aim gains.
    const tied = seeds.filter((seed) => firstSure(seed, 1_000, () => 0.048) !== null);
    expect(tied).toEqual([]);
    const better = seeds.filter((seed) => firstSure(seed, 1_000, (chance) => chance) !== null);
    expect(better).toEqual([]);
    const chance = 0.05;
    const noisy = seeds.filter(
      (seed) => firstSure(seed, 1_000, (_, moment) => 0.048 + (moment % 2 ? 0.01 : -0.01)) !== null,
    );
    expect(noisy.length / seeds.length).toBeLessThanOrEqual(2 * chance);
  });

  it("becomes sure that A is better when B cries wolf", () => {
    for (const seed of seeds.slice(0, 10)) expect(firstSure(seed, 1_500, cryingWolf)).not.toBeNull();
  });

  it("is not blinded by a good past", () => {
    const turns: Parameters<typeof firstSure>[2] = (chance, moment, uniform) =>
      moment < 2_000 ? chance : cryingWolf(chance, moment, uniform);
    for (const seed of seeds.slice(0, 5)) {
      const moment = firstSure(seed, 4_000, turns);
      expect(moment).toBeGreaterThanOrEqual(2_000);
      expect(moment).toBeLessThan(4_000);
    }
  });

  it("learns nothing from moments at which both said the same, and survives JSON", () => {
    const evidence = createPairedEvidence(3);
    expect(addMoment(evidence, 1, pairedMoment(0.3, 0.3, 1))).toBe(evidence);
    const moved = addMoment(evidence, 7, pairedMoment(0.1, 0.9, 0));
    expect(JSON.parse(JSON.stringify(moved))).toEqual(moved);
    expect(moved.sequences.map(({ steps }) => steps)).toEqual([0, 1, 0]);
  });

  it("stays a number when evidence is overwhelming", () => {
    let evidence = createPairedEvidence(1);
    for (let moment = 0; moment < 5_000; moment++) evidence = addMoment(evidence, moment, pairedMoment(0, 1, 0));
    expect(evidencePValue(evidence)).toBeGreaterThanOrEqual(0);
    expect(evidencePValue(evidence)).toBeLessThan(1e-100);
    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
  });
});

describe("moments", () => {
  it.each([
    [15, 1, 15],
    [5, 1, 5],
    [60, 3, 20],
    [10_080, 420, 24],
  ])("of a horizon of %i windows lie %i windows apart, in %i sequences", (windows, step, sequences) => {
    const plan = planMoments(windows * 1000, 1000);
    expect(plan).toEqual({ stepMs: step * 1000, sequences });
    expect(plan.stepMs * plan.sequences).toBeGreaterThanOrEqual(windows * 1000);
  });

  it("add up services, whatever their order, and leave out windows in between", () => {
    const plan = planMoments(60_000, 1000);
    const rows = [
      { atMs: 3000, a: 0.1, b: 0.5, outcome: 0 },
      { atMs: 4000, a: 0.1, b: 0.5, outcome: 0 },
      { atMs: 6000, a: 0.2, b: 0.1, outcome: 1 },
      { atMs: 3000, a: 0.3, b: 0.2, outcome: 0 },
    ];
    const added = (order: typeof rows) => {
      const sums = createMomentSums(plan);
      for (const { atMs, a, b, outcome } of order) sums.add(atMs, a, b, outcome);
      return sums.addTo(createPairedEvidence(plan.sequences));
    };
    expect(added(rows)).toEqual(added([...rows].reverse()));
    expect(
      added(rows)
        .sequences.map(({ steps }) => steps)
        .slice(0, 4),
    ).toEqual([0, 1, 1, 0]);
  });
});
