/** What a champion's predictions turned out to be worth since it began to serve: evidence that the base rate would have done better, how
 *  well its probabilities hold, and whether its loss has risen. */
import { countRows, type KnownRow, type RowCounts } from "./known-row.ts";
import { createLossWatch, type LossWatch, watchLoss } from "./loss-watch.ts";
import { createMomentSums, type MomentPlan } from "./moments.ts";
import { createOutcomeSummer, type OutcomeSums, total } from "./outcome-sums.ts";
import { createPairedEvidence, type PairedEvidence } from "./paired-evidence.ts";
import { addToReliability, createReliability, type Reliability } from "./reliability.ts";

/** Plain JSON. */
export interface ChampionWatch extends RowCounts {
  version: string;
  /** predictions of windows that ended later count */
  sinceMs: number;
  /** sums over the rows, of the champion and of the base rate of earlier data */
  brier: number;
  baseRateBrier: number;
  reliability: Reliability;
  /** that the base rate of earlier data has less Brier loss */
  baseRateBetter: PairedEvidence;
  loss: LossWatch;
}

export function createChampionWatch(version: string, sinceMs: number, plan: MomentPlan): ChampionWatch {
  return {
    ...{ version, sinceMs, rows: 0, positives: 0, failures: 0, brier: 0, baseRateBrier: 0 },
    reliability: createReliability(),
    baseRateBetter: createPairedEvidence(plan.sequences),
    loss: createLossWatch(),
  };
}

/** Takes in rows of one span of time, all services, each span later than the one before.
 *  @param baseRateAt the rate of failures as it was known then */
export function watchChampion(
  watch: ChampionWatch,
  rows: readonly KnownRow[],
  context: { plan: MomentPlan; horizonMs: number; baseRateAt(atMs: number): number },
): { watch: ChampionWatch; sums: OutcomeSums[] } {
  const own = rows.filter(({ version, atMs }) => version === watch.version && atMs > watch.sinceMs);
  const moments = createMomentSums(context.plan);
  const summer = createOutcomeSummer(context.horizonMs);
  const reliability = watch.reliability.map((bin) => ({ ...bin }));
  for (const row of own) {
    const baseRate = context.baseRateAt(row.atMs);
    moments.add(row.atMs, baseRate, row.probability, row.outcome);
    summer.add(row, row.probability, baseRate);
    addToReliability(reliability, row.probability, row.outcome);
  }
  const sums = summer.sums();
  return {
    sums,
    watch: {
      ...watch,
      ...countRows(watch, own),
      brier: watch.brier + total(sums, "brier"),
      baseRateBrier: watch.baseRateBrier + total(sums, "againstBrier"),
      reliability,
      baseRateBetter: moments.addTo(watch.baseRateBetter),
      loss: watchLoss(watch.loss, sums, context.horizonMs),
    },
  };
}
