/** Seeded randomness for training: the same seed gives the same weights. Generator: sfc32 (C. Doty-Humphrey, PractRand), seeded by
 *  splitmix32; period at least 2^32, passes PractRand, a few integer operations a draw. */

export interface Random {
  /** uniform in [0, 1) */
  uniform(): number;
  /** standard normal, Box & Muller 1958 */
  normal(): number;
  /** exponential with mean 1 */
  exponential(): number;
  /** A uniformly random order of 0 … n-1 (Fisher & Yates). */
  permutation(n: number): Int32Array;
  /** An independent generator for one purpose. */
  fork(purpose: number): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const splitmix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let count = 1;
  const uniform = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round += 1) uniform();
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    exponential: () => -Math.log(1 - uniform()),
    permutation(n) {
      const order = Int32Array.from({ length: n }, (_, index) => index);
      for (let last = n - 1; last > 0; last -= 1) {
        const pick = Math.floor(uniform() * (last + 1));
        const swapped = order[last]!;
        order[last] = order[pick]!;
        order[pick] = swapped;
      }
      return order;
    },
    fork: (purpose) =>
      createRandom((Math.imul(seed ^ 0x85ebca6b, 0xc2b2ae35) + Math.imul(purpose + 1, 0x27d4eb2f)) >>> 0),
  };
}
