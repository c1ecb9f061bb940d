/** Feature vectors of a study's rows, by the fold that also serves: every window is replayed as the observation that a prober would
 *  have sent, and the vector is read when the row asks. */
import type { OutageSeries, OutageStudy } from "../../datasets/outages/outage-study.ts";
import { DOWN, UNKNOWN } from "../../datasets/outages/outage-study.ts";
import type { WindowObservation } from "../../models/features/feature-spec.ts";
import { advanceInPlace, createFeatureState, FEATURE_SPEC, writeVector } from "../../models/features/fold.ts";
import type { OnsetRecord } from "../../models/predictor/prior.ts";
import { emptyWindowStats } from "../../models/windows/window-stats.ts";

export interface ReplayedRows {
  /** shape [rows, features] */
  vectors: Float32Array;
  /** shape [rows]: what the prior may know at the row */
  ownRecord: OnsetRecord[];
  atMs: Float64Array;
}

/** Replays all series. Rows of a study are grouped by series and ascending in time, as its loaders make them. */
export function replayRows(study: OutageStudy): ReplayedRows {
  const { rows, series, windowSizeMs } = study;
  const count = rows.series.length;
  const width = FEATURE_SPEC.features.length;
  const vectors = new Float32Array(count * width);
  const ownRecord = new Array<OnsetRecord>(count);
  const atMs = new Float64Array(count);
  let row = 0;
  series.forEach((one, index) => {
    const state = createFeatureState();
    const record: OnsetRecord = { onsets: 0, windows: 0 };
    for (let window = 0; window < one.state.length && rows.series[row] === index; window++) {
      const observation = observationOf(study, one, window);
      advanceInPlace(state, observation);
      record.onsets += one.falls[window]!;
      if (observation.failed === false) record.windows++;
      if (rows.window[row] !== window) continue;
      writeVector(state, vectors, row * width);
      ownRecord[row] = { ...record };
      atMs[row] = one.startMs + (window + 1) * windowSizeMs;
      row++;
    }
  });
  if (row !== count) throw new RangeError("the study's rows are not grouped by series and ascending in time");
  return { vectors, ownRecord, atMs };
}

/** The probes of one window: requests, in error while the entity is down, and one error record for each time it went down. */
function observationOf(study: OutageStudy, series: OutageSeries, window: number): WindowObservation {
  const state = series.state[window]!;
  const known = state !== UNKNOWN;
  const { probesPerWindow, windowSizeMs } = study;
  return {
    startMs: series.startMs + window * windowSizeMs,
    windowSizeMs,
    stats: known
      ? {
          ...emptyWindowStats(),
          requestCount: probesPerWindow,
          requestErrorCount: Math.round(probesPerWindow * series.downShare[window]!),
          errorCount: series.falls[window]!,
          ...series.reportAt?.(window),
        }
      : null,
    failed: known ? state === DOWN : null,
    newFingerprintCount: series.newKindsAt?.(window) ?? 0,
    callers: null,
    fleet: series.fleetAt(window),
  };
}
