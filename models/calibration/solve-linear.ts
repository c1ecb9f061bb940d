/** Solves A x = b by Gaussian elimination with partial pivoting; for the small, well conditioned systems of Newton steps.
 *  @param matrix shape [n, n], left as it is   @param right shape [n], left as it is   @returns x, shape [n]
 *  @throws RangeError when the matrix is singular to working precision */
export function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const rows = matrix.map((row, index) => [...row, right[index]!]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    const pivotRow = rows[pivot]!;
    if (Math.abs(pivotRow[column]!) < 1e-14) throw new RangeError("the linear system is singular");
    rows[pivot] = rows[column]!;
    rows[column] = pivotRow;
    for (let row = column + 1; row < size; row++) {
      const target = rows[row]!;
      const factor = target[column]! / pivotRow[column]!;
      for (let index = column; index <= size; index++) target[index] = target[index]! - factor * pivotRow[index]!;
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let value = rows[row]![size]!;
    for (let column = row + 1; column < size; column++) value -= rows[row]![column]! * solution[column]!;
    solution[row] = value / rows[row]![row]!;
  }
  return solution;
}
