/** A fleet whose outages announce themselves: each series moves between calm and fragile days, blips more often while it is fragile,
 *  and goes down more often after blips and in its own bad hours. So there is something to learn, and a limit to it. */
import {
  DOWN,
  type OutageSeries,
  type OutageStudy,
  packRows,
  type RowDraft,
  UP,
} from "../../datasets/outages/outage-study.ts";
import { createRandom, type Random } from "../../training/random.ts";

const WINDOW_MS = 600_000;
const WINDOWS_PER_DAY = 144;
const HORIZON_WINDOWS = 6;
const DAYS = 21;
const SERIES = 14;
/** rows begin when a week of history is there */
const FIRST_ROW_WINDOW = 7 * WINDOWS_PER_DAY;

export function makeUpStudy(seed: number): OutageStudy {
  const random = createRandom(seed);
  const startMs = Date.UTC(2024, 0, 1);
  const lives = Array.from({ length: SERIES }, (_, index) => live(random.fork(index)));
  const downCount = new Uint16Array(DAYS * WINDOWS_PER_DAY);
  const onsetCount = new Uint16Array(downCount.length);
  for (const { state, falls } of lives) {
    for (let window = 0; window < state.length; window++) {
      if (state[window] === DOWN) downCount[window]! += 1;
      onsetCount[window]! += falls[window]!;
    }
  }
  const series = lives.map(
    ({ state, falls }, index): OutageSeries => ({
      name: `site-${index + 1}`,
      startMs,
      state,
      falls,
      downShare: Float32Array.from(state, (one) => (one === DOWN ? 1 : 0)),
      fleetAt: (window) => ({
        reportingCount: SERIES,
        failedCount: downCount[window]!,
        onsetCount: onsetCount[window]!,
        requestCount: SERIES,
        requestErrorCount: downCount[window]!,
      }),
    }),
  );
  const rows = packRows(series.flatMap(({ state }, index) => rowsOf(state, index)));
  return {
    format: "websites-avt",
    windowSizeMs: WINDOW_MS,
    horizonWindows: HORIZON_WINDOWS,
    probesPerWindow: 1,
    series,
    rows,
  };
}

function live(random: Random): Pick<OutageSeries, "state" | "falls"> {
  const state = new Uint8Array(DAYS * WINDOWS_PER_DAY);
  const falls = new Uint16Array(state.length);
  const badHour = Math.floor(24 * random.uniform());
  let isFragile = random.uniform() < 0.3;
  let downFor = 0;
  let sinceBlip = Number.POSITIVE_INFINITY;
  for (let window = 0; window < state.length; window++) {
    if (random.uniform() < 1 / (2 * WINDOWS_PER_DAY)) isFragile = !isFragile;
    sinceBlip += 1;
    if (downFor > 0) {
      downFor -= 1;
      state[window] = DOWN;
      continue;
    }
    state[window] = UP;
    const hour = Math.floor(window / 6) % 24;
    const risk = (isFragile ? 0.02 : 0.002) * (sinceBlip < 18 ? 4 : 1) * (hour === badHour ? 3 : 1);
    if (random.uniform() >= risk) continue;
    state[window] = DOWN;
    falls[window] = 1;
    sinceBlip = 0;
    downFor = random.uniform() < 0.6 ? 0 : Math.floor(12 * random.uniform());
  }
  return { state, falls };
}

/** Every half hour while the site is up; time is cut as in public studies: 55 % to fit, 15 % to choose, the rest to test. */
function rowsOf(state: Uint8Array, series: number): RowDraft[] {
  const [trainEnd, validationEnd] = [Math.floor(0.55 * state.length), Math.floor(0.7 * state.length)];
  const drafts: RowDraft[] = [];
  for (let window = FIRST_ROW_WINDOW; window + HORIZON_WINDOWS < state.length; window += 3) {
    if (state[window] !== UP) continue;
    const [split, sliceEnd] =
      window < trainEnd - HORIZON_WINDOWS
        ? (["train", trainEnd] as const)
        : window >= trainEnd && window < validationEnd - HORIZON_WINDOWS
          ? (["validation", validationEnd] as const)
          : window >= validationEnd
            ? (["test", state.length] as const)
            : (["gap", state.length] as const);
    const onset = state.indexOf(DOWN, window + 1);
    const distance = onset === -1 ? Number.NaN : onset - window;
    drafts.push({
      series,
      window,
      positive: distance <= HORIZON_WINDOWS,
      windowsToOnset: window + distance < sliceEnd ? distance : Number.NaN,
      observedWindows: sliceEnd - 1 - window,
      split,
    });
  }
  return drafts;
}
