/** A study as a running Harbinger sees it through OTLP. `evaluate` models an outage as one error record and knows nothing of durations;
 *  a replayed probe is a span that takes no time, and every failed one is an error of a kind and class. And a service is known from
 *  its first record on, not from the start of the file. */
import { DOWN, type OutageSeries, type OutageStudy, UNKNOWN } from "../../datasets/outages/outage-study.ts";
import type { ErrorVerdict } from "../../models/taxonomy/classes.ts";
import { encodeSketch } from "../../models/windows/latency-sketch.ts";
import type { WindowStats } from "../../models/windows/window-stats.ts";

/** @param startMs when step 0 was replayed   @param errorClass what a failed probe was classified as
 *  @returns the same rows in the same order; their windows count from the first record of their series */
export function servedStudy(study: OutageStudy, startMs: number, errorClass: ErrorVerdict): OutageStudy {
  const first = study.series.map(({ state }) => state.findIndex((one) => one !== UNKNOWN));
  return {
    ...study,
    // Every series of a study has rows, so it has a known window.
    series: study.series.map((one, index) => servedSeries(one, first[index]!, startMs, study.windowSizeMs, errorClass)),
    rows: {
      ...study.rows,
      window: Int32Array.from(study.rows.window, (window, row) => window - first[study.rows.series[row]!]!),
    },
  };
}

function servedSeries(
  series: OutageSeries,
  first: number,
  startMs: number,
  windowSizeMs: number,
  errorClass: ErrorVerdict,
): OutageSeries {
  const state = series.state.subarray(first);
  const firstDown = state.indexOf(DOWN);
  return {
    name: series.name,
    startMs: startMs + first * windowSizeMs,
    state,
    falls: series.falls.subarray(first),
    downShare: series.downShare.subarray(first),
    fleetAt: (window) => series.fleetAt(window + first),
    reportAt: (window) => probeReport(state[window] === DOWN, errorClass),
    newKindsAt: (window) => (window === firstDown ? 1 : 0),
  };
}

function probeReport(isDown: boolean, errorClass: ErrorVerdict): Partial<WindowStats> {
  return {
    latencySketch: encodeSketch({ zeroCount: 1, keys: [], counts: [] }),
    errorCount: isDown ? 1 : 0,
    classes: isDown ? { [errorClass]: 1 } : {},
    fingerprints: isDown ? { "failed probe": 1 } : {},
  };
}
