/** What a version that nobody is shown would have been worth beside the one that serves, on the same rows. */
import { countRows, type KnownRow, type RowCounts } from "./known-row.ts";
import { createMomentSums, type MomentPlan } from "./moments.ts";
import { createOutcomeSummer, type OutcomeSums, total } from "./outcome-sums.ts";
import { createPairedEvidence, evidencePValue, type PairedEvidence } from "./paired-evidence.ts";

/** Plain JSON. */
export interface ShadowWatch extends RowCounts {
  version: string;
  /** who serves; null: base rates */
  against: string | null;
  /** predictions of windows that ended later count */
  sinceMs: number;
  /** sums over the rows, of the version and of who serves */
  brier: number;
  againstBrier: number;
  better: PairedEvidence;
  worse: PairedEvidence;
}

export function createShadowWatch(
  version: string,
  against: string | null,
  sinceMs: number,
  plan: MomentPlan,
): ShadowWatch {
  return {
    ...{ version, against, sinceMs, rows: 0, positives: 0, failures: 0, brier: 0, againstBrier: 0 },
    better: createPairedEvidence(plan.sequences),
    worse: createPairedEvidence(plan.sequences),
  };
}

/** Takes in rows of one span of time, all services, each span later than the one before. */
export function watchShadow(
  watch: ShadowWatch,
  rows: readonly KnownRow[],
  context: { plan: MomentPlan; horizonMs: number },
): { watch: ShadowWatch; sums: OutcomeSums[] } {
  const [better, worse] = [createMomentSums(context.plan), createMomentSums(context.plan)];
  const summer = createOutcomeSummer(context.horizonMs);
  const seen: KnownRow[] = [];
  for (const row of rows) {
    const own = row.shadows[watch.version];
    if (own === undefined || row.version !== watch.against || row.atMs <= watch.sinceMs) continue;
    seen.push(row);
    better.add(row.atMs, own, row.probability, row.outcome);
    worse.add(row.atMs, row.probability, own, row.outcome);
    summer.add(row, own, row.probability);
  }
  const sums = summer.sums();
  return {
    sums,
    watch: {
      ...watch,
      ...countRows(watch, seen),
      brier: watch.brier + total(sums, "brier"),
      againstBrier: watch.againstBrier + total(sums, "againstBrier"),
      better: better.addTo(watch.better),
      worse: worse.addTo(watch.worse),
    },
  };
}

/** @param confidence of never saying `better` or `worse` when it is not so, in (0, 1) */
export function shadowVerdict(watch: ShadowWatch, confidence: number): "better" | "worse" | "undecided" {
  const limit = 1 - confidence;
  const [better, worse] = [evidencePValue(watch.better), evidencePValue(watch.worse)];
  if (better > limit && worse > limit) return "undecided";
  return better <= worse ? "better" : "worse";
}
