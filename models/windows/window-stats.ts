/** A window's statistics: a data type whose merge is addition. Receivers make deltas of it, the features worker adds them up,
 *  so neither the order of arrival nor the worker matters. Plain JSON: maps are records, the sketch is its own encoding. */
import type { ErrorVerdict } from "../taxonomy/classes.ts";

export interface CalleeStats {
  callCount: number;
  errorCount: number;
  durationSumMs: number;
}

/** A gauge seen in a window: saturation ratios (0..1) such as `db.client.connection.utilization`, or raw values such as
 *  `process.memory.usage`. */
export interface GaugeStats {
  count: number;
  sum: number;
  max: number;
}

export interface WindowStats {
  /** SERVER and CONSUMER spans: requests served */
  requestCount: number;
  requestErrorCount: number;
  /** CLIENT and PRODUCER spans: calls to dependencies */
  callCount: number;
  callErrorCount: number;
  spanCount: number;
  logCount: number;
  /** log records of severity WARN (13..16) */
  warnLogCount: number;
  /** log records of severity >= 17 or with an exception */
  errorLogCount: number;
  metricPointCount: number;
  /** error records after deduplication; filled by the features worker, 0 in a receiver's delta */
  errorCount: number;
  /** a multiple of 1/1024 ms, so that sums do not depend on order */
  durationSumMs: number;
  /** DDSketch of request durations in ms, as models/windows/latency-sketch.ts writes it; null when there was no request */
  latencySketch: string | null;
  /** by peer.service, else server.address; bounded, the rest under `_OTHER` */
  callees: Record<string, CalleeStats>;
  /** service.version → records */
  versions: Record<string, number>;
  /** service.instance.id → records */
  instances: Record<string, number>;
  /** saturation and usage gauges by measure; bounded, of the rest only the count under `_OTHER` */
  gauges: Record<string, GaugeStats>;
  /** error records by class; filled by the features worker */
  classes: Partial<Record<ErrorVerdict, number>>;
  /** error records by fingerprint; filled by the features worker */
  fingerprints: Record<string, number>;
}

export function emptyWindowStats(): WindowStats {
  return {
    requestCount: 0,
    requestErrorCount: 0,
    callCount: 0,
    callErrorCount: 0,
    spanCount: 0,
    logCount: 0,
    warnLogCount: 0,
    errorLogCount: 0,
    metricPointCount: 0,
    errorCount: 0,
    durationSumMs: 0,
    latencySketch: null,
    callees: {},
    versions: {},
    instances: {},
    gauges: {},
    classes: {},
    fingerprints: {},
  };
}
