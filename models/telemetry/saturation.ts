/** Reads saturation from metrics: how full, how long the queue, how close to the limit. The gauges it gives are
 *
 *      <name>            a utilisation as it was sent (`nodejs.eventloop.utilization`), a usage or a queue depth that matters by
 *                        itself (`process.memory.usage`, `db.client.connection.pending_requests`); with a state, `<name>.<state>`
 *      <base>.utilization  usage over limit, when one request has both for the same pool, at the same time
 *      <name>            mean of a delta histogram of waits or pauses (`jvm.gc.duration`)
 *
 *  Traffic is read from spans alone. `http.server.request.duration` and its like count the same requests again, so they never
 *  become requests here; a service without spans still shows in `metricPointCount` and by the mean duration.
 *  Cumulative histograms and counters would need the point before this one, which one request does not have: they are counted as
 *  points only. */
import type { AnyValueMap } from "./any-value.ts";
import { scalarText, valueText } from "./any-value.ts";
import { boundKey, boundText } from "./bounded-text.ts";
import type { PointFacts } from "./record-source.ts";
import { FLAG_NO_RECORDED_VALUE, TEMPORALITY } from "./semconv.ts";

export interface Measurement {
  gauge: string;
  value: number;
  /** set when the value is one side of a ratio */
  ratio: { base: string; pool: string; side: "usage" | "limit" } | null;
  /** false: the value alone says nothing, only its ratio does */
  isGauge: boolean;
}

/** Older metric name → present-day name (semantic conventions 1.26 and before). */
const RENAMED = new Map<string, string>([
  ["db.client.connections.usage", "db.client.connection.count"],
  ["db.client.connections.max", "db.client.connection.max"],
  ["db.client.connections.pending_requests", "db.client.connection.pending_requests"],
  ["db.client.connections.wait_time", "db.client.connection.wait_time"],
  ["process.runtime.jvm.memory.usage", "jvm.memory.used"],
  ["process.runtime.jvm.memory.limit", "jvm.memory.limit"],
  ["process.runtime.jvm.cpu.utilization", "jvm.cpu.recent_utilization"],
  ["process.runtime.jvm.threads.count", "jvm.thread.count"],
]);

const RUNTIME = /^(process|jvm|nodejs|v8js|k8s|container|dotnet|go|cpython)\./;
const POOL = /^db\.client\.connection\.(count|max|pending_requests)$/;
const QUEUE = /(^|[._])(queue|queued|backlog|pending|waiting|lag|active_requests|in_flight)([._]|$)/;
const PAUSES =
  /^(http\.server\.request\.duration|rpc\.server\.duration|jvm\.gc\.duration|v8js\.gc\.duration)$|wait_time$/;
const UTILIZATION = /[._]utilization$/;
const UTILIZATION_SUFFIX = ".utilization";
const USAGE = /^(.+)[._](?:usage|used)$/;
const LIMIT = /^(.+)[._](?:limit|max)$/;
const STATE_KEYS = [
  "state",
  "status",
  "db.client.connection.state",
  "cpu.mode",
  "system.memory.state",
  "process.cpu.state",
];
/** what is free is not saturation */
const UNUSED_STATES = new Set(["idle", "free", "available", "buffered", "cached", "iowait"]);

/** What a metric's name says, whatever its points are. */
export interface MetricMeaning {
  /** present-day name */
  name: string;
  isUtilization: boolean;
  /** its values say something by themselves */
  isGauge: boolean;
  /** a distribution of waits or pauses */
  isPauses: boolean;
  side: { base: string; side: "usage" | "limit" } | null;
}

export function meaningOf(metricName: string): MetricMeaning {
  const name = RENAMED.get(metricName) ?? metricName;
  const isUtilization = UTILIZATION.test(name);
  return {
    name,
    isUtilization,
    isGauge: isUtilization || RUNTIME.test(name) || POOL.test(name) || QUEUE.test(name),
    isPauses: PAUSES.test(name),
    side: sideOf(name),
  };
}

/** @param meaning that of the point's metric
 *  @returns null for a point that says nothing about saturation */
export function measure(point: PointFacts, meaning: MetricMeaning, maxNameLength: number): Measurement | null {
  if ((point.flags & FLAG_NO_RECORDED_VALUE) !== 0) return null;
  const { name, isUtilization, isGauge, side } = meaning;
  if (point.metricType !== "gauge" && point.metricType !== "sum") {
    return meaning.isPauses ? measurePauses(point, name, maxNameLength) : null;
  }
  // a counter's total says nothing, except how often a container was restarted
  if (point.isMonotonic && name !== "k8s.container.restarts") return null;
  if (!Number.isFinite(point.value)) return null;
  if (!isGauge && side === null) return null;

  const attributes = point.attributes();
  const state = stateOf(attributes);
  if (isUtilization) {
    if (state !== undefined && UNUSED_STATES.has(state)) return null;
    return { gauge: boundKey(name, maxNameLength), value: point.value, ratio: null, isGauge };
  }
  const reason = scalarText(attributes.get("k8s.container.status.reason"));
  const suffix = reason ?? state;
  // one series per reason, of which all but one are 0
  if (reason !== undefined && point.value === 0) return null;
  return {
    gauge: boundKey(suffix === undefined ? name : `${name}.${suffix}`, maxNameLength),
    value: point.value,
    ratio:
      side === null || (name === "db.client.connection.count" && state !== "used")
        ? null
        : { ...boundSide(side, maxNameLength), pool: poolOf(attributes) },
    isGauge,
  };
}

function measurePauses(point: PointFacts, name: string, maxNameLength: number): Measurement | null {
  if (point.temporality !== TEMPORALITY.delta || point.metricType === "summary") return null;
  const mean = point.sum / point.count;
  if (!Number.isFinite(mean)) return null;
  return { gauge: boundKey(name, maxNameLength), value: mean, ratio: null, isGauge: true };
}

/** What comes of both sides is `<base>.utilization`. */
function boundSide({ base, side }: NonNullable<MetricMeaning["side"]>, maxNameLength: number) {
  return { base: boundText(base, maxNameLength - UTILIZATION_SUFFIX.length), side };
}

function sideOf(name: string): MetricMeaning["side"] {
  if (name === "db.client.connection.count") return { base: "db.client.connection", side: "usage" };
  const usage = USAGE.exec(name)?.[1];
  const base = usage ?? LIMIT.exec(name)?.[1];
  if (base === undefined) return null;
  return { base, side: usage === undefined ? "limit" : "usage" };
}

function stateOf(attributes: AnyValueMap): string | undefined {
  for (const key of STATE_KEYS) {
    const state = scalarText(attributes.get(key));
    if (state !== undefined) return state;
  }
  return undefined;
}

/** What usage and limit must have in common; a usage is often split by state, its limit never is. */
function poolOf(attributes: AnyValueMap): string {
  const parts: string[] = [];
  for (const [key, value] of attributes) if (!STATE_KEYS.includes(key)) parts.push(`${key}=${valueText(value)}`);
  return parts.sort().join(",");
}

export interface RatioPairs {
  /** @param scope what usage and limit must share beside the pool: service, window and time */
  add(scope: string, measurement: Measurement, emit: (gauge: string, value: number) => void): void;
  /** hands on every usage over its limit, once */
  flush(): void;
  /** forgets what was added since the last flush */
  clear(): void;
}

/** @param maxPairs further ones are left out: pools are few, and a flood of them is not worth memory */
export function createRatioPairs(maxPairs: number): RatioPairs {
  interface Pair {
    base: string;
    usage: number;
    limit: number;
    emit: (gauge: string, value: number) => void;
  }
  const pairs = new Map<string, Pair>();
  return {
    add: (scope, { ratio, value }, emit) => {
      if (ratio === null) return;
      const key = `${scope}\n${ratio.base}\n${ratio.pool}`;
      let pair = pairs.get(key);
      if (pair === undefined) {
        if (pairs.size === maxPairs) return;
        pair = { base: ratio.base, usage: Number.NaN, limit: Number.NaN, emit };
        pairs.set(key, pair);
      }
      if (ratio.side === "limit") pair.limit = value;
      else pair.usage = Number.isNaN(pair.usage) ? value : pair.usage + value;
    },
    flush: () => {
      for (const { base, usage, limit, emit } of pairs.values()) {
        // -1 and 0 stand for "no limit"
        if (limit > 0 && Number.isFinite(usage)) emit(base + UTILIZATION_SUFFIX, usage / limit);
      }
      pairs.clear();
    },
    clear: () => pairs.clear(),
  };
}
