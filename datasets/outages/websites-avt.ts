/** Availability traces in AVT: per line `name n start end start end …`, up-periods in seconds since the start of the measurement.
 *  The public file holds 77 web sites probed every 10 minutes for 116 days (Bakkaloglu et al., CMU); origin and licence in
 *  datasets/README.md.
 *
 *  A site is up in the steps floor(start/600) <= k < floor(end/600) of its periods, unknown before its first start and from its last
 *  end on, down otherwise. A probe at step k is the window that ends when the next probe is due. */
import type { FleetObservation } from "../../models/features/feature-spec.ts";
import { DOWN, type OutageSeries, type OutageStudy, packRows, type RowDraft, UNKNOWN, UP } from "./outage-study.ts";

const STEP_SECONDS = 600;
export const STEP_MS = STEP_SECONDS * 1000;
/** Rows every 30 minutes, from the 8th day on. */
const ROW_EVERY = 3;
const FIRST_ROW = 1008;
const MIN_KNOWN = 0.7;
const MIN_UP = 0.8;
/** Moments when at least this share of the sites is down are the prober's outages. */
const FLEET_DOWN = 0.5;
const TRAIN_UNTIL = 0.55;
const VALIDATE_UNTIL = 0.7;

/** @param text whole file   @param horizonMs a multiple of 10 minutes
 *  @throws RangeError naming the first line or setting that is wrong */
export function loadWebsites(text: string, horizonMs: number): OutageStudy {
  const horizon = horizonMs / STEP_MS;
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`the horizon must be a multiple of 10 minutes, got ${horizonMs} ms`);
  }
  const sites = readWebsites(text);
  const steps = sites[0]!.state.length;
  const kept = sites.filter((site) => isWorthWatching(site.state));
  const fleet = fleetByStep(
    kept.map((site) => site.state),
    steps,
  );
  const series = kept.map(
    (site): OutageSeries => ({ ...site, ...changesOf(site.state), startMs: 0, fleetAt: (step) => fleet[step]! }),
  );
  const downShare = fleet.map((observation) => observation.failedCount / kept.length);
  const rows = series.flatMap((one, index) => rowsOf(one.state, index, downShare, horizon));
  return {
    format: "websites-avt",
    windowSizeMs: STEP_MS,
    horizonWindows: horizon,
    probesPerWindow: 1,
    series,
    rows: packRows(rows),
  };
}

/** All sites of a file, at least one. @returns UP, DOWN or UNKNOWN per step of 10 minutes, as many steps for each
 *  @throws RangeError naming the first line that is wrong */
export function readWebsites(text: string): { name: string; state: Uint8Array }[] {
  const sites = parseSites(text);
  let lastEnd = 0;
  for (const site of sites) lastEnd = Math.max(lastEnd, site.periods.at(-1)!);
  const steps = Math.floor(lastEnd / STEP_SECONDS) + 1;
  return sites.map((site) => ({ name: site.name, state: statesOf(site.periods, steps) }));
}

interface Site {
  name: string;
  /** start, end, start, end … in seconds */
  periods: number[];
}

function parseSites(text: string): Site[] {
  const sites: Site[] = [];
  text.split("\n").forEach((line, index) => {
    const fields = line.trim().split(/\s+/);
    if (fields.length === 1) return;
    const [name, count, ...rest] = fields;
    const periods = rest.map(Number);
    if (periods.length !== 2 * Number(count) || !periods.every((value) => Number.isFinite(value) && value >= 0)) {
      throw new RangeError(`line ${index + 1} is not "name n start end …" with n pairs of seconds`);
    }
    if (periods.length > 0) sites.push({ name: name!, periods });
  });
  if (sites.length === 0) throw new RangeError("the file holds no site");
  return sites;
}

function statesOf(periods: readonly number[], steps: number): Uint8Array {
  const state = new Uint8Array(steps).fill(UNKNOWN);
  const stepOf = (seconds: number) => Math.floor(seconds / STEP_SECONDS);
  state.fill(DOWN, stepOf(periods[0]!), stepOf(periods.at(-1)!));
  for (let index = 0; index < periods.length; index += 2) {
    state.fill(UP, stepOf(periods[index]!), stepOf(periods[index + 1]!));
  }
  return state;
}

function isWorthWatching(state: Uint8Array): boolean {
  let known = 0;
  let up = 0;
  for (const value of state) {
    if (value !== UNKNOWN) known++;
    if (value === UP) up++;
  }
  return known > MIN_KNOWN * state.length && up > MIN_UP * known;
}

function changesOf(state: Uint8Array): Pick<OutageSeries, "falls" | "downShare"> {
  const falls = new Uint16Array(state.length);
  for (let step = 1; step < state.length; step++) if (state[step] === DOWN && state[step - 1] === UP) falls[step] = 1;
  return { falls, downShare: Float32Array.from(state, (value) => (value === UNKNOWN ? Number.NaN : value)) };
}

function fleetByStep(states: readonly Uint8Array[], steps: number): FleetObservation[] {
  return Array.from({ length: steps }, (_, step) => {
    let reportingCount = 0;
    let failedCount = 0;
    let onsetCount = 0;
    for (const state of states) {
      if (state[step] !== UNKNOWN) reportingCount++;
      if (state[step] !== DOWN) continue;
      failedCount++;
      if (step > 0 && state[step - 1] === UP) onsetCount++;
    }
    return { reportingCount, failedCount, onsetCount, requestCount: reportingCount, requestErrorCount: failedCount };
  });
}

function rowsOf(state: Uint8Array, series: number, fleetDown: readonly number[], horizon: number): RowDraft[] {
  const steps = state.length;
  const trainEnd = Math.floor(TRAIN_UNTIL * steps);
  const validationEnd = Math.floor(VALIDATE_UNTIL * steps);
  const rows: RowDraft[] = [];
  for (let step = FIRST_ROW; step < steps - horizon - 1; step += ROW_EVERY) {
    if (state[step] !== UP || isFleetDown(fleetDown, step, step + horizon)) continue;
    const split =
      step < trainEnd - horizon
        ? "train"
        : step >= trainEnd && step < validationEnd - horizon
          ? "validation"
          : step >= validationEnd
            ? "test"
            : "gap";
    const sliceEnd = split === "train" ? trainEnd : split === "validation" ? validationEnd : steps;
    const fall = nextDown(state, step, sliceEnd);
    rows.push({
      series,
      window: step,
      positive: fall !== null && fall <= horizon,
      windowsToOnset: fall ?? Number.NaN,
      observedWindows: sliceEnd - 1 - step,
      split,
    });
  }
  return rows;
}

function isFleetDown(fleetDown: readonly number[], from: number, to: number): boolean {
  for (let step = from; step <= to; step++) if (fleetDown[step]! >= FLEET_DOWN) return true;
  return false;
}

/** Steps to the first step down before `end`, null when there is none. */
function nextDown(state: Uint8Array, step: number, end: number): number | null {
  const next = state.indexOf(DOWN, step + 1);
  return next >= 0 && next < end ? next - step : null;
}
