/** Mean over the classes that occur of the harmonic mean of precision and recall.
 *  @param targets shape [n], class indices   @param answers shape [n]   @returns value in [0, 1]; NaN when n = 0 */
export function macroF1(targets: readonly number[], answers: readonly number[]): number {
  const [were, named, hits] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
  const count = (counts: Map<number, number>, key: number): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const [at, target] of targets.entries()) {
    const answer = answers[at]!;
    count(were, target);
    count(named, answer);
    if (answer === target) count(hits, target);
  }
  const scores = [...were].map(([target, rows]) => (2 * (hits.get(target) ?? 0)) / (rows + (named.get(target) ?? 0)));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
