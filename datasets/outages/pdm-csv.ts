/** Microsoft's predictive-maintenance sample: 100 simulated machines over a year, their errors (5 kinds), replaced components (4) and
 *  failures. Origin and licence in the data's own README; the files stay outside of this repository.
 *
 *  As a stream of telemetry: each of the five error codes is an error class of its own; a machine's four components are the four numbers
 *  of its version, and replacing a component raises its number. All stamps are whole hours. Windows of three hours end just after a row's
 *  moment, so that what is stamped with that moment is known to the row and nothing later is. */
import type { FleetObservation } from "../../models/features/feature-spec.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import type { WindowStats } from "../../models/windows/window-stats.ts";
import { DOWN, type OutageSeries, type OutageStudy, packRows, type RowDraft, UP } from "./outage-study.ts";

export interface PdmFiles {
  /** content of PdM_errors.csv, PdM_failures.csv and PdM_maint.csv */
  errors: string;
  failures: string;
  maintenance: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = 3 * HOUR_MS;
const FIRST_ROW_DAY = 14;
const COMPONENTS = 4;
/** in the year of the first error */
const VALIDATION_FROM = { month: 7, day: 1 };
const TEST_FROM = { month: 8, day: 15 };

/** @param horizonMs a multiple of three hours
 *  @throws RangeError naming the file's first line or the setting that is wrong */
export function loadPdm(files: PdmFiles, horizonMs: number): OutageStudy {
  const horizon = horizonMs / STEP_MS;
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`the horizon must be a multiple of 3 hours, got ${horizonMs} ms`);
  }
  const errors = readEvents(files.errors, "error");
  const failures = readEvents(files.failures, "comp");
  const maintenance = readEvents(files.maintenance, "comp");
  const times = [...errors, ...maintenance].map(({ atMs }) => atMs);
  const firstMs = times.reduce((a, b) => Math.min(a, b));
  const firstErrorMs = errors.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
  const lastErrorMs = errors.reduce((most, { atMs }) => Math.max(most, atMs), 0);
  const grid = createGrid(
    firstMs,
    times.concat(failures.map(({ atMs }) => atMs)).reduce((a, b) => Math.max(a, b)),
  );
  const machines = [...new Set([...errors, ...failures, ...maintenance].map(({ machine }) => machine))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const failed = machines.map((machine) => stepsOf(failures, machine, grid));
  const fleet = fleetByStep(failed, grid.steps);
  const series = machines.map((name, index) =>
    seriesOf(name, failed[index]!, grid, fleet, {
      errors: errors.filter(({ machine }) => machine === name),
      maintenance: maintenance.filter(({ machine }) => machine === name),
    }),
  );
  const span = {
    firstRowMs: Math.floor(firstErrorMs / DAY_MS) * DAY_MS + FIRST_ROW_DAY * DAY_MS,
    lastRowMs: lastErrorMs - DAY_MS,
    validationMs: Date.UTC(new Date(firstErrorMs).getUTCFullYear(), VALIDATION_FROM.month, VALIDATION_FROM.day),
    testMs: Date.UTC(new Date(firstErrorMs).getUTCFullYear(), TEST_FROM.month, TEST_FROM.day),
  };
  return {
    format: "pdm-csv",
    windowSizeMs: STEP_MS,
    horizonWindows: horizon,
    probesPerWindow: 0,
    series,
    rows: packRows(series.flatMap((one, index) => rowsOf(one.state, index, grid, horizon, span))),
  };
}

interface MachineEvent {
  atMs: number;
  machine: string;
  /** 0 for the first kind */
  kind: number;
}

function readEvents(text: string, prefix: string): MachineEvent[] {
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line, index) => {
      const [time, machine, name] = line.replaceAll('"', "").split(",");
      const atMs = Date.parse(`${time?.replace(" ", "T")}Z`);
      const kind = Number(name?.slice(prefix.length)) - 1;
      if (Number.isNaN(atMs) || !machine || !name?.startsWith(prefix) || !(kind >= 0)) {
        throw new RangeError(`line ${index + 2} is not "time,machine,${prefix}N": ${line}`);
      }
      return { atMs, machine, kind };
    });
}

interface Grid {
  steps: number;
  /** start of the window of step 0, whose row asks two hours later than it starts */
  startMs: number;
  stepOf(atMs: number): number;
  /** moment at which a row of the step asks */
  momentOf(step: number): number;
}

/** Step k holds the stamps in (moment(k) − 3 h, moment(k)], and moments are multiples of 3 hours. */
function createGrid(firstMs: number, lastMs: number): Grid {
  const firstMomentMs = Math.ceil(firstMs / STEP_MS) * STEP_MS;
  const stepOf = (atMs: number): number => Math.ceil((atMs - firstMomentMs) / STEP_MS);
  return {
    steps: stepOf(lastMs) + 1,
    startMs: firstMomentMs - STEP_MS + HOUR_MS,
    stepOf,
    momentOf: (step) => firstMomentMs + step * STEP_MS,
  };
}

function stepsOf(events: readonly MachineEvent[], machine: string, grid: Grid): Uint8Array {
  const state = new Uint8Array(grid.steps).fill(UP);
  for (const event of events) if (event.machine === machine) state[grid.stepOf(event.atMs)] = DOWN;
  return state;
}

function seriesOf(
  name: string,
  state: Uint8Array,
  grid: Grid,
  fleet: readonly FleetObservation[],
  events: { errors: readonly MachineEvent[]; maintenance: readonly MachineEvent[] },
): OutageSeries {
  const errors = new Map<number, number[]>();
  for (const { atMs, kind } of events.errors) {
    const step = grid.stepOf(atMs);
    errors.set(step, [...(errors.get(step) ?? []), kind]);
  }
  const versions = versionsByStep(events.maintenance, grid);
  return {
    name,
    startMs: grid.startMs,
    state,
    falls: Uint16Array.from(state, (value, step) => (value === DOWN && state[step - 1] !== DOWN ? 1 : 0)),
    downShare: Float32Array.from(state),
    fleetAt: (step) => fleet[step]!,
    reportAt: (step) => ({ ...errorStats(errors.get(step) ?? []), versions: { [versions[step]!]: 1 } }),
  };
}

function errorStats(kinds: readonly number[]): Partial<WindowStats> {
  const classes: WindowStats["classes"] = {};
  const fingerprints: Record<string, number> = {};
  for (const kind of kinds) {
    const name = ERROR_CLASSES[kind % ERROR_CLASSES.length]!;
    classes[name] = (classes[name] ?? 0) + 1;
    fingerprints[name] = classes[name];
  }
  return { errorCount: kinds.length, errorLogCount: kinds.length, classes, fingerprints };
}

/** How often each component has been replaced, as a version per step. */
function versionsByStep(maintenance: readonly MachineEvent[], grid: Grid): string[] {
  const numbers = new Array<number>(COMPONENTS).fill(0);
  const sorted = [...maintenance].sort((a, b) => a.atMs - b.atMs);
  let next = 0;
  return Array.from({ length: grid.steps }, (_, step) => {
    for (; next < sorted.length && grid.stepOf(sorted[next]!.atMs) <= step; next++) {
      const { kind } = sorted[next]!;
      numbers[kind] = (numbers[kind] ?? 0) + 1;
    }
    return numbers.join(".");
  });
}

function fleetByStep(states: readonly Uint8Array[], steps: number): FleetObservation[] {
  return Array.from({ length: steps }, (_, step) => ({
    reportingCount: states.length,
    failedCount: states.filter((state) => state[step] === DOWN).length,
    onsetCount: states.filter((state) => state[step] === DOWN && state[step - 1] !== DOWN).length,
    requestCount: 0,
    requestErrorCount: 0,
  }));
}

interface Span {
  firstRowMs: number;
  lastRowMs: number;
  validationMs: number;
  testMs: number;
}

function rowsOf(state: Uint8Array, series: number, grid: Grid, horizon: number, span: Span): RowDraft[] {
  const rows: RowDraft[] = [];
  for (let step = Math.max(0, grid.stepOf(span.firstRowMs)); grid.momentOf(step) <= span.lastRowMs; step++) {
    const atMs = grid.momentOf(step);
    const endMs = atMs + horizon * STEP_MS;
    const split =
      endMs < span.validationMs
        ? "train"
        : atMs >= span.validationMs && endMs < span.testMs
          ? "validation"
          : atMs >= span.testMs
            ? "test"
            : "gap";
    const sliceEndMs = split === "train" ? span.validationMs : split === "validation" ? span.testMs : Infinity;
    const lastStep = Math.min(grid.steps - 1, Math.ceil(grid.stepOf(sliceEndMs)) - 1);
    const next = state.indexOf(DOWN, step + 1);
    const failure = next >= 0 && next <= Math.max(lastStep, step + horizon) ? next - step : null;
    rows.push({
      series,
      window: step,
      positive: failure !== null && failure <= horizon,
      windowsToOnset: failure ?? Number.NaN,
      observedWindows: lastStep - step,
      split,
    });
  }
  return rows;
}
