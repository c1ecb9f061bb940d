/** Minimises a smooth function by L-BFGS (Nocedal & Wright 2006, algorithms 7.4 and 7.5) with backtracking (Armijo) line search.
 *  Changed from the book: backtracking instead of a Wolfe search; a pair without positive curvature is skipped, which keeps the
 *  direction downhill. Deterministic. */

/** Writes the gradient at `point` and returns the value there. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

const HISTORY = 10;
const MAX_BACKTRACKS = 30;
const ARMIJO = 1e-4;

/** @param start not changed @returns where it stopped: gradient small, no progress, or `maxSteps` */
export function minimise(objective: Objective, start: Float64Array, maxSteps = 200): Float64Array {
  const size = start.length;
  let point = Float64Array.from(start);
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const pairs: { step: Float64Array; change: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < maxSteps; iteration += 1) {
    const direction = descent(gradient, pairs);
    const slope = dot(direction, gradient);
    if (!(slope < -1e-14)) break;
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const nextGradient = new Float64Array(size);
    let next = point;
    let nextValue = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < MAX_BACKTRACKS; attempt += 1, length /= 2) {
      next = point.map((coordinate, index) => coordinate + length * direction[index]!);
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + ARMIJO * length * slope) break;
    }
    if (!(nextValue < value)) break;
    const step = next.map((coordinate, index) => coordinate - point[index]!);
    const change = nextGradient.map((coordinate, index) => coordinate - gradient[index]!);
    const curvature = dot(step, change);
    if (curvature > 1e-12) {
      pairs.push({ step, change, rho: 1 / curvature });
      if (pairs.length > HISTORY) pairs.shift();
    }
    const gain = value - nextValue;
    point = next;
    gradient = nextGradient;
    value = nextValue;
    if (gain < 1e-9 * Math.max(1, Math.abs(value))) break;
  }
  return point;
}

function descent(gradient: Float64Array, pairs: readonly { step: Float64Array; change: Float64Array; rho: number }[]) {
  const direction = gradient.map((value) => -value);
  const alphas: number[] = [];
  for (let index = pairs.length - 1; index >= 0; index -= 1) {
    const { step, change, rho } = pairs[index]!;
    const alpha = rho * dot(step, direction);
    alphas[index] = alpha;
    addScaled(direction, change, -alpha);
  }
  const newest = pairs.at(-1);
  if (newest !== undefined) {
    const scale = 1 / (newest.rho * dot(newest.change, newest.change));
    for (let index = 0; index < direction.length; index += 1) direction[index]! *= scale;
  }
  pairs.forEach(({ step, change, rho }, index) => {
    addScaled(direction, step, alphas[index]! - rho * dot(change, direction));
  });
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]!;
  return sum;
}

function addScaled(target: Float64Array, values: Float64Array, scale: number): void {
  for (let index = 0; index < target.length; index += 1) target[index]! += scale * values[index]!;
}
