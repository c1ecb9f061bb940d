/** Splits examples by time: fit on the earliest, calibrate on later ones, judge on the latest. Two things keep the slices apart: rows
 *  within one horizon before a cut are left out, and what an earlier slice may know of the future ends at its cut (an onset beyond
 *  becomes "not seen yet"), so that no label reaches into the time of a later slice. */
import type { TrainingRows } from "../fit/training-rows.ts";
import type { Examples } from "./build-examples.ts";
import { countOnsets } from "./count-onsets.ts";

/** A quarter to calibrate on, because few failures fall into less of a short history, and because the screening of features needs to see
 *  where inputs go after training: of ten made-up fleets (8 services, 300 windows) nine passed the gate, with a 15 % slice six. */
const MOST = { calibration: 0.25, validation: 0.3 };
/** A long history has failures enough in less, and what happened last says most about what comes next: it should be learned from. */
const LEAST = { calibration: 0.1, validation: 0.1 };
/** Failures that are enough for a slice: a score's error is then some 6 % of it. */
const ENOUGH_ONSETS = 300;

export interface TimeSplit {
  rows: TrainingRows;
  /** start of the calibration and of the validation slice */
  cuts: { calibrationMs: number; validationMs: number };
  /** rows left out because they lie within one horizon before a cut */
  gapRows: number;
}

/** @param examples ascending by time @param gapMs the horizon */
export function splitByTime(
  examples: Examples,
  { gapMs, windowSizeMs }: { gapMs: number; windowSizeMs: number },
): TimeSplit {
  const n = examples.atMs.length;
  const shares = cutsFor(examples, windowSizeMs);
  // a hair more, so that 1 - 0.55 is 45 %
  const cutAt = (share: number): number => examples.atMs[Math.floor(share * n + 1e-6)] ?? Number.POSITIVE_INFINITY;
  const [calibrationMs, validationMs] = [cutAt(shares.calibration), cutAt(shares.validation)];
  const windowsToOnset = Float32Array.from(examples.windowsToOnset);
  const observedWindows = Float32Array.from(examples.observedWindows);
  const slices = { train: [] as number[], calibration: [] as number[], validation: [] as number[] };
  let gapRows = 0;
  for (let row = 0; row < n; row += 1) {
    const atMs = examples.atMs[row]!;
    const slice = atMs < calibrationMs ? "train" : atMs < validationMs ? "calibration" : "validation";
    if (slice === "validation") {
      slices.validation.push(row);
      continue;
    }
    const endMs = slice === "train" ? calibrationMs : validationMs;
    if (atMs + gapMs > endMs) {
      gapRows += 1;
      continue;
    }
    const known = Math.floor((endMs - atMs) / windowSizeMs);
    if (windowsToOnset[row]! > known) windowsToOnset[row] = Number.NaN;
    observedWindows[row] = Math.min(observedWindows[row]!, known);
    slices[slice].push(row);
  }
  const split = {
    train: Int32Array.from(slices.train),
    calibration: Int32Array.from(slices.calibration),
    validation: Int32Array.from(slices.validation),
  };
  return {
    rows: { ...examples, windowsToOnset, observedWindows, split },
    cuts: { calibrationMs, validationMs },
    gapRows,
  };
}

/** Shares of the rows, in the order of time, before the calibration and the validation slice. */
function cutsFor(examples: Examples, windowSizeMs: number): { calibration: number; validation: number } {
  const onsets = countOnsets(examples, Int32Array.from(examples.atMs.keys()), windowSizeMs);
  const enough = ENOUGH_ONSETS / Math.max(1, onsets);
  const calibration = Math.min(MOST.calibration, Math.max(LEAST.calibration, enough));
  const validation = Math.min(MOST.validation, Math.max(LEAST.validation, enough));
  return { calibration: 1 - validation - calibration, validation: 1 - validation };
}
