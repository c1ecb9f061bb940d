/** The algebra of window statistics: merging is addition. It is commutative and associative bit for bit, and the empty window is
 *  its identity, so deltas may arrive in any order, through any worker, one by one or added up before.
 *
 *  @example
 *  mergeWindowStats({ ...emptyWindowStats(), requestCount: 2 }, { ...emptyWindowStats(), requestCount: 3 }).requestCount // 5 */
import { boundedRecord, DEFAULT_NAME_BOUNDS, type NameBounds, sumByName } from "./bounded-map.ts";
import { decodeSketch, encodeSketch, mergeSketches } from "./latency-sketch.ts";
import { type CalleeStats, emptyWindowStats, type GaugeStats, type WindowStats } from "./window-stats.ts";

export function mergeWindowStats(a: WindowStats, b: WindowStats): WindowStats {
  return sumWindowStats([a, b]);
}

/** The same as merging pair by pair from the empty window, for one pass over many deltas. */
export function sumWindowStats(
  parts: readonly WindowStats[],
  bounds: Readonly<NameBounds> = DEFAULT_NAME_BOUNDS,
): WindowStats {
  const sum = emptyWindowStats();
  for (const part of parts) {
    sum.requestCount += part.requestCount;
    sum.requestErrorCount += part.requestErrorCount;
    sum.callCount += part.callCount;
    sum.callErrorCount += part.callErrorCount;
    sum.spanCount += part.spanCount;
    sum.logCount += part.logCount;
    sum.warnLogCount += part.warnLogCount;
    sum.errorLogCount += part.errorLogCount;
    sum.metricPointCount += part.metricPointCount;
    sum.errorCount += part.errorCount;
    sum.durationSumMs += part.durationSumMs;
  }
  sum.latencySketch = sumSketches(parts);
  sum.callees = boundedRecord(
    sumByName(
      parts.map((part) => part.callees),
      addCallees,
    ),
    sumCallees,
    bounds.callees,
  );
  sum.gauges = boundedRecord(
    sumByName(
      parts.map((part) => part.gauges),
      addGauges,
    ),
    countGauges,
    bounds.gauges,
  );
  const count = (pick: (part: WindowStats) => Readonly<Record<string, number>>, bound: number) =>
    boundedRecord(sumByName(parts.map(pick), addNumbers), sumNumbers, bound);
  sum.versions = count((part) => part.versions, bounds.versions);
  sum.instances = count((part) => part.instances, bounds.instances);
  sum.classes = count((part) => part.classes, Number.POSITIVE_INFINITY);
  sum.fingerprints = count((part) => part.fingerprints, bounds.fingerprints);
  return sum;
}

function addNumbers(a: number, b: number): number {
  return a + b;
}

export function sumNumbers(numbers: readonly number[]): number {
  return numbers.reduce(addNumbers);
}

export function sumCallees(callees: readonly CalleeStats[]): CalleeStats {
  return callees.reduce(addCallees);
}

/** Values of unlike gauges cannot be added up: only how many they are is kept. */
export function countGauges(gauges: readonly GaugeStats[]): GaugeStats {
  return { count: gauges.reduce((sum, { count }) => sum + count, 0), sum: 0, max: 0 };
}

function addCallees(a: CalleeStats, b: CalleeStats): CalleeStats {
  return {
    callCount: a.callCount + b.callCount,
    errorCount: a.errorCount + b.errorCount,
    durationSumMs: a.durationSumMs + b.durationSumMs,
  };
}

function addGauges(a: GaugeStats, b: GaugeStats): GaugeStats {
  return { count: a.count + b.count, sum: a.sum + b.sum, max: Math.max(a.max, b.max) };
}

function sumSketches(parts: readonly WindowStats[]): string | null {
  const texts = parts.flatMap(({ latencySketch }) => (latencySketch === null ? [] : [latencySketch]));
  if (texts.length <= 1) return texts[0] ?? null;
  return encodeSketch(texts.map(decodeSketch).reduce(mergeSketches));
}
