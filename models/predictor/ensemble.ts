/** Reads the network's hazard output: members side by side, combined by the mean of their logits. */

/** Mean logits over the members.
 *  @param output shape [n, members * buckets], member by member   @returns shape [n, buckets] */
export function meanLogits(output: ArrayLike<number>, rows: number, members: number, buckets: number): Float64Array {
  const mean = new Float64Array(rows * buckets);
  for (let row = 0; row < rows; row++) {
    for (let member = 0; member < members; member++) {
      const offset = (row * members + member) * buckets;
      for (let bucket = 0; bucket < buckets; bucket++) {
        mean[row * buckets + bucket] = mean[row * buckets + bucket]! + output[offset + bucket]! / members;
      }
    }
  }
  return mean;
}

/** Standard deviation of a value computed from each member's logits.
 *  @param output as in `meanLogits`   @returns 0 for a single member */
export function memberDeviation(
  output: Float32Array,
  row: number,
  members: number,
  buckets: number,
  measure: (logits: Float32Array) => number,
): number {
  if (members < 2) return 0;
  const values: number[] = [];
  for (let member = 0; member < members; member++) {
    const offset = (row * members + member) * buckets;
    values.push(measure(output.subarray(offset, offset + buckets)));
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / members;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (members - 1));
}
