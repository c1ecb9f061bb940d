/** Accumulates one service's records of one window while a request is decoded. This is the receiver's hot path: counters are
 *  fields, maps are created when first needed, what comes in runs (a sender's records, durations) is counted per run, and
 *  everything else that costs is left to `build`. */
import { boundedRecord, DEFAULT_NAME_BOUNDS, type NameBounds } from "./bounded-map.ts";
import { exactDuration, exactGauge } from "./exact-sum.ts";
import { encodeSketch, type LatencySketch, latencyKey, mergeSketches, sketchOfKeys } from "./latency-sketch.ts";
import { countGauges, sumCallees, sumNumbers } from "./merge.ts";
import { type CalleeStats, emptyWindowStats, type GaugeStats, type WindowStats } from "./window-stats.ts";

export interface WindowBuilder {
  /** Any span, once each, whatever else it is. */
  span(): void;
  /** A SERVER or CONSUMER span: one request served. */
  request(request: { durationMs: number; isError: boolean }): void;
  /** A CLIENT or PRODUCER span: one call to a dependency; its name may be unknown. */
  call(call: { callee: string | null; durationMs: number; isError: boolean }): void;
  /** A log record. @param log `isError`: severity >= 17, or it carries an exception */
  log(log: { severityNumber: number; isError: boolean }): void;
  /** Any data point, once each, whatever else it is. */
  metricPoint(): void;
  /** A saturation or usage measurement; one that is not finite is left out. */
  gauge(name: string, value: number): void;
  /** Who sent a record. */
  seen(sender: { version?: string | undefined; instance?: string | undefined }): void;
  /** The statistics; call it last, because they share the builder's parts. */
  build(): WindowStats;
}

/** Severity numbers of WARN in OpenTelemetry's log data model. */
const WARN_FIRST = 13;
const WARN_LAST = 16;

/** Requests of one window that wait to be added to its sketch together; more would be memory for nothing. */
const MAX_LATENCY_KEYS = 4_096;

export function createWindowBuilder(bounds: Readonly<NameBounds> = DEFAULT_NAME_BOUNDS): WindowBuilder {
  return new Builder(bounds);
}

class Builder implements WindowBuilder {
  readonly #bounds: Readonly<NameBounds>;
  readonly #counts = emptyWindowStats();
  #latencies: LatencySketch = { zeroCount: 0, keys: [], counts: [] };
  /** latency keys that are not in `#latencies` yet */
  readonly #latencyKeys: number[] = [];
  #callees: Map<string, CalleeStats> | null = null;
  /** who sent the last records, and how many they are */
  #version: string | undefined;
  #instance: string | undefined;
  #runLength = 0;
  #versions: Map<string, number> | null = null;
  #instances: Map<string, number> | null = null;
  #gauges: Map<string, GaugeStats> | null = null;

  constructor(bounds: Readonly<NameBounds>) {
    this.#bounds = bounds;
  }

  span(): void {
    this.#counts.spanCount++;
  }

  request({ durationMs, isError }: { durationMs: number; isError: boolean }): void {
    const duration = exactDuration(durationMs);
    this.#counts.requestCount++;
    if (isError) this.#counts.requestErrorCount++;
    this.#counts.durationSumMs += duration;
    if (duration === 0) {
      this.#latencies.zeroCount++;
      return;
    }
    this.#latencyKeys.push(latencyKey(duration));
    if (this.#latencyKeys.length >= MAX_LATENCY_KEYS) this.#addLatencies();
  }

  call({ callee, durationMs, isError }: { callee: string | null; durationMs: number; isError: boolean }): void {
    this.#counts.callCount++;
    if (isError) this.#counts.callErrorCount++;
    if (callee === null || callee === "") return;
    this.#callees ??= new Map();
    const stats = this.#callees.get(callee);
    if (stats === undefined) {
      const first = { callCount: 1, errorCount: isError ? 1 : 0, durationSumMs: exactDuration(durationMs) };
      this.#callees.set(callee, first);
      cutBack(this.#callees, sumCallees, this.#bounds.callees);
      return;
    }
    stats.callCount++;
    if (isError) stats.errorCount++;
    stats.durationSumMs += exactDuration(durationMs);
  }

  log({ severityNumber, isError }: { severityNumber: number; isError: boolean }): void {
    this.#counts.logCount++;
    if (isError) this.#counts.errorLogCount++;
    else if (severityNumber >= WARN_FIRST && severityNumber <= WARN_LAST) this.#counts.warnLogCount++;
  }

  metricPoint(): void {
    this.#counts.metricPointCount++;
  }

  gauge(name: string, value: number): void {
    const rounded = exactGauge(value);
    if (rounded === null) return;
    this.#gauges ??= new Map();
    const stats = this.#gauges.get(name);
    if (stats === undefined) {
      this.#gauges.set(name, { count: 1, sum: rounded, max: rounded });
      cutBack(this.#gauges, countGauges, this.#bounds.gauges);
      return;
    }
    stats.count++;
    stats.sum += rounded;
    if (rounded > stats.max) stats.max = rounded;
  }

  seen({ version, instance }: { version?: string | undefined; instance?: string | undefined }): void {
    if (version !== this.#version || instance !== this.#instance) {
      this.#countRun();
      this.#version = version;
      this.#instance = instance;
    }
    this.#runLength++;
  }

  #countRun(): void {
    if (this.#version !== undefined && this.#version !== "") {
      this.#versions ??= new Map();
      countName(this.#versions, this.#version, this.#runLength, this.#bounds.versions);
    }
    if (this.#instance !== undefined && this.#instance !== "") {
      this.#instances ??= new Map();
      countName(this.#instances, this.#instance, this.#runLength, this.#bounds.instances);
    }
    this.#runLength = 0;
  }

  build(): WindowStats {
    if (this.#runLength > 0) this.#countRun();
    return {
      ...this.#counts,
      latencySketch: this.#counts.requestCount === 0 ? null : this.#sketch(),
      callees: toRecord(this.#callees, sumCallees, this.#bounds.callees),
      versions: toRecord(this.#versions, sumNumbers, this.#bounds.versions),
      instances: toRecord(this.#instances, sumNumbers, this.#bounds.instances),
      gauges: toRecord(this.#gauges, countGauges, this.#bounds.gauges),
      classes: {},
      fingerprints: {},
    };
  }

  #sketch(): string {
    this.#addLatencies();
    return encodeSketch(this.#latencies);
  }

  #addLatencies(): void {
    this.#latencies = mergeSketches(this.#latencies, sketchOfKeys(this.#latencyKeys));
    this.#latencyKeys.length = 0;
  }
}

function countName(counts: Map<string, number>, name: string, records: number, bound: number): void {
  const count = counts.get(name);
  counts.set(name, (count ?? 0) + records);
  if (count === undefined) cutBack(counts, sumNumbers, bound);
}

/** A map that outgrew its bound twice over is cut to it, so that a flood of names costs no memory; cutting early does not change
 *  the result (bounded-map.ts). */
function cutBack<T>(sums: Map<string, T>, sumRest: (rest: readonly T[]) => T, bound: number): void {
  if (sums.size <= 2 * bound + 1) return;
  const kept = Object.entries(boundedRecord(sums, sumRest, bound));
  sums.clear();
  for (const [name, sum] of kept) sums.set(name, sum);
}

function toRecord<T>(
  sums: Map<string, T> | null,
  sumRest: (rest: readonly T[]) => T,
  bound: number,
): Record<string, T> {
  return sums === null ? {} : boundedRecord(sums, sumRest, bound);
}
