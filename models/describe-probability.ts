/** Probabilities and shares as an operator reads them, the same everywhere.
 *  @param probability in [0, 1]   @example describeProbability(0.0214) // "2.1 %" */
export function describeProbability(probability: number): string {
  const percent = probability * 100;
  if (percent > 0 && percent < 0.1) return "under 0.1 %";
  return `${percent >= 10 ? percent.toFixed(0) : Number(percent.toPrecision(2))} %`;
}
