/** Upper edges, in windows, of the buckets into which time to onset is cut: bucket b covers (edge[b-1], edge[b]], the first from 0.
 *  Fine near now, where horizons are asked about, coarse later. */
export const HAZARD_EDGES: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 60];
