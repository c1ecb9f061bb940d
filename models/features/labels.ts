/** When the next failure begins, seen from the end of every window of one service. A failure's onset is its first failed window
 *  after a healthy one; windows without a known state between the two do not hide it.
 *
 *  Who decides whether a window failed, weakest first: the rule (as stored), an incident that overlaps it, an operator's verdict
 *  on a prediction. `mitigated` (someone acted on the warning) leaves out what could not be observed any more, because training
 *  on prevented failures as false alarms teaches the model silence (arXiv 2402.00034). */
import type { EpochMs } from "../telemetry/records.ts";

export interface LabelWindow {
  startMs: EpochMs;
  /** null: neither healthy nor failed can be said */
  failed: boolean | null;
}

/** A failure known from elsewhere, of the same service. */
export interface LabelIncident {
  startMs: EpochMs;
  /** null: still open */
  endMs: EpochMs | null;
}

/** An operator's verdict on a prediction of the same service made for (atMs, atMs + horizonMs]. */
export interface LabelVerdict {
  atMs: EpochMs;
  horizonMs: number;
  outcome: "failed" | "did_not_fail" | "mitigated";
}

export interface LabelOptions {
  sizeMs: number;
  incidents?: readonly LabelIncident[];
  verdicts?: readonly LabelVerdict[];
}

export interface ExampleLabel {
  /** end of the window: the moment of prediction */
  atMs: EpochMs;
  /** the last known state at `atMs` is failed */
  alreadyFailing: boolean;
  /** 1 = the very next window is an onset; null = none within `observedWindows` */
  windowsToOnset: number | null;
  /** windows after `atMs` in which an onset would have been seen (censoring) */
  observedWindows: number;
  /** why the row must not be trained or scored on */
  excluded?: "mitigated" | "failing" | "unknown";
}

/** Labels every window of one service.
 *  @param history ascending by start, one entry per window; gaps are allowed
 *  @returns one label per entry of `history`, in its order */
export function labelExamples(history: readonly LabelWindow[], options: LabelOptions): ExampleLabel[] {
  const { sizeMs, incidents = [], verdicts = [] } = options;
  const windows = applyDenials(applyIncidents(history, incidents, sizeMs), verdicts, sizeMs);
  const mitigations = verdicts.filter((verdict) => verdict.outcome === "mitigated");
  const states = statesBefore(windows);
  const labels = labelBackwards(windows, states, sizeMs, mitigations);
  confirmFailures(labels, verdicts, sizeMs);
  return labels;
}

/** Starts of failures in one service's history, by the same rule as the labels.
 *  @param history as for `labelExamples` */
export function onsetStarts(history: readonly LabelWindow[]): EpochMs[] {
  const states = statesBefore(history);
  return history.filter((window, index) => window.failed === true && states[index] === false).map((w) => w.startMs);
}

function applyIncidents(history: readonly LabelWindow[], incidents: readonly LabelIncident[], sizeMs: number) {
  if (incidents.length === 0) return history;
  return history.map((window) => {
    const covered = incidents.some(
      ({ startMs, endMs }) => startMs < window.startMs + sizeMs && (endMs === null || endMs > window.startMs),
    );
    return covered ? { startMs: window.startMs, failed: true } : window;
  });
}

/** `did_not_fail`: a run of failed windows that begins inside the judged horizon was no failure. */
function applyDenials(windows: readonly LabelWindow[], verdicts: readonly LabelVerdict[], sizeMs: number) {
  const denials = verdicts.filter((verdict) => verdict.outcome === "did_not_fail");
  if (denials.length === 0) return windows;
  let denying = false;
  let before: boolean | null = null;
  return windows.map((window) => {
    if (window.failed === true && before !== true) {
      denying = denials.some(
        ({ atMs, horizonMs }) => window.startMs + sizeMs > atMs && window.startMs < atMs + horizonMs,
      );
    }
    if (window.failed !== null) before = window.failed;
    return window.failed === true && denying ? { startMs: window.startMs, failed: false } : window;
  });
}

/** Last known state before each window, null when there is none. */
function statesBefore(windows: readonly LabelWindow[]): (boolean | null)[] {
  let state: boolean | null = null;
  return windows.map((window) => {
    const before = state;
    if (window.failed !== null) state = window.failed;
    return before;
  });
}

function labelBackwards(
  windows: readonly LabelWindow[],
  states: readonly (boolean | null)[],
  sizeMs: number,
  mitigations: readonly LabelVerdict[],
): ExampleLabel[] {
  const labels = new Array<ExampleLabel>(windows.length);
  let nextOnsetMs: EpochMs | null = null;
  let lastKnownEndMs: EpochMs | null = null;
  for (let index = windows.length - 1; index >= 0; index--) {
    const { startMs, failed } = windows[index]!;
    const atMs = startMs + sizeMs;
    if (lastKnownEndMs === null && failed !== null) lastKnownEndMs = atMs;
    const stateNow = failed ?? states[index]!;
    labels[index] = label(atMs, stateNow, nextOnsetMs, lastKnownEndMs ?? atMs, sizeMs, mitigations);
    if (failed === true && states[index] === false) nextOnsetMs = startMs;
  }
  return labels;
}

function label(
  atMs: EpochMs,
  stateNow: boolean | null,
  nextOnsetMs: EpochMs | null,
  observedUntilMs: EpochMs,
  sizeMs: number,
  mitigations: readonly LabelVerdict[],
): ExampleLabel {
  let untilMs = Math.max(observedUntilMs, atMs);
  let mitigated = false;
  for (const { atMs: actedMs, horizonMs } of mitigations) {
    if (atMs > actedMs - sizeMs && atMs < actedMs + horizonMs) mitigated = true;
    else if (actedMs > atMs) untilMs = Math.min(untilMs, actedMs);
  }
  const observedWindows = Math.max(0, Math.floor((untilMs - atMs) / sizeMs));
  const distance = nextOnsetMs === null ? null : Math.round((nextOnsetMs - atMs) / sizeMs) + 1;
  const windowsToOnset = distance !== null && distance <= observedWindows ? distance : null;
  const excluded = stateNow === null ? "unknown" : stateNow ? "failing" : mitigated ? "mitigated" : undefined;
  const base = { atMs, alreadyFailing: stateNow === true, windowsToOnset, observedWindows };
  return excluded === undefined ? base : { ...base, excluded };
}

/** `failed`: the operator saw a failure that no rule saw. Its place in the horizon is unknown, so it counts at the horizon's end. */
function confirmFailures(labels: ExampleLabel[], verdicts: readonly LabelVerdict[], sizeMs: number): void {
  for (const { atMs, horizonMs, outcome } of verdicts) {
    if (outcome !== "failed") continue;
    const row = labels.findLast((candidate) => candidate.atMs <= atMs && candidate.atMs > atMs - sizeMs);
    if (!row) continue;
    const horizonWindows = Math.max(1, Math.round(horizonMs / sizeMs));
    if (row.windowsToOnset !== null && row.windowsToOnset <= horizonWindows) continue;
    row.windowsToOnset = horizonWindows;
    row.observedWindows = Math.max(row.observedWindows, horizonWindows);
  }
}
