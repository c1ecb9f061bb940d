/** How wrong answers are when only the most confident share of them is given: the risk-coverage curve and the area under it (Geifman,
 *  Uziel & El-Yaniv 2019, "Bias-reduced uncertainty estimation", section 2). Answers of one confidence are taken in together. */

interface CoveragePoint {
  /** share of rows that are answered, in (0, 1] */
  coverage: number;
  /** share of those that are right */
  accuracy: number;
  /** the least confidence among them */
  confidence: number;
}

export interface RiskCoverage {
  /** mean risk (share of wrong answers) over all coverages, in [0, 1]; lower is better */
  area: number;
  /** the same for an order that no confidence can beat, given how many are right */
  leastArea: number;
  curve: CoveragePoint[];
}

const SHOWN = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** @param answers at least one; a silent voice has confidence 0 and is wrong */
export function riskCoverage(answers: readonly { confidence: number; correct: boolean }[]): RiskCoverage {
  const sorted = [...answers].sort((a, b) => b.confidence - a.confidence);
  const wrongUpTo = cumulativeWrong(sorted);
  const points = wrongUpTo.map(
    (wrong, index): CoveragePoint => ({
      coverage: (index + 1) / sorted.length,
      accuracy: 1 - wrong / (index + 1),
      confidence: sorted[index]!.confidence,
    }),
  );
  const best = cumulativeWrong(
    [...answers]
      .sort((a, b) => Number(b.correct) - Number(a.correct))
      .map((answer, index) => ({ ...answer, confidence: -index })),
  );
  const areaOf = (wrong: readonly number[]): number =>
    wrong.reduce((sum, count, index) => sum + count / (index + 1), 0) / wrong.length;
  const curve = SHOWN.map((coverage) => points[Math.max(0, Math.ceil(coverage * points.length) - 1)]!);
  return { area: areaOf(wrongUpTo), leastArea: areaOf(best), curve };
}

/** Expected number of wrong ones among the first n, over all orders of those that are equally confident. */
function cumulativeWrong(sorted: readonly { confidence: number; correct: boolean }[]): number[] {
  const wrong: number[] = [];
  let before = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]!.confidence === sorted[from]!.confidence) to++;
    const own = sorted.slice(from, to).filter(({ correct }) => !correct).length;
    for (let at = from; at < to; at++) wrong.push(before + (own * (at - from + 1)) / (to - from));
    before += own;
    from = to;
  }
  return wrong;
}
