import { describe, expect, it } from "vitest";
import { chooseCorrection } from "../../../training/fit/choose-correction.ts";

const EDGES = [1, 2, 4];
const ROWS = 2_000;

/** One row a second, said to fail in each bucket with odds e^-2; `off` is by how much that is too low at a row, in log-odds. */
function rowsThatAre(off: (row: number) => number) {
  const logits = new Float64Array(ROWS * EDGES.length).fill(-2);
  const windowsToOnset = Float64Array.from({ length: ROWS }, (_, row) => {
    const hazard = 1 / (1 + Math.exp(2 - off(row)));
    // Golden-ratio sequence: evenly spread thresholds in place of random draws.
    const survived = 1 - ((row * 0.6180339887498949) % 1);
    const bucket = EDGES.findIndex((_, index) => survived > (1 - hazard) ** (index + 1));
    return EDGES[bucket] ?? Number.NaN;
  });
  const rows = { logits, edges: EDGES, windowsToOnset, observedWindows: new Float64Array(ROWS).fill(10) };
  return { rows, atMs: Float64Array.from({ length: ROWS }, (_, row) => row * 1_000) };
}

function shareFor(off: (row: number) => number): number {
  const { rows, atMs } = rowsThatAre(off);
  return chooseCorrection(rows, atMs);
}

describe("how much of a calibration is kept", () => {
  it("is all of it when both halves of the time say the same", () => {
    expect(shareFor(() => 1.5)).toBe(1);
  });

  it("is nothing when one half is as much too low as the other is too high", () => {
    expect(shareFor((row) => (row < ROWS / 2 ? 0.8 : -0.8))).toBe(0);
  });

  it("is a part when both halves lie on one side, one farther than the other", () => {
    const share = shareFor((row) => (row < ROWS / 2 ? 0.3 : 1.2));
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });

  it("is nothing when there is nothing to correct, no failure, or no row", () => {
    expect(shareFor(() => 0)).toBe(0);
    const { rows, atMs } = rowsThatAre(() => 1.5);
    expect(chooseCorrection({ ...rows, windowsToOnset: new Float64Array(ROWS).fill(Number.NaN) }, atMs)).toBe(0);
    const none = { logits: [], edges: EDGES, windowsToOnset: [], observedWindows: [] };
    expect(chooseCorrection(none, [])).toBe(0);
  });

  it("does not depend on the order of rows, only on their time", () => {
    const { rows, atMs } = rowsThatAre((row) => (row < ROWS / 2 ? 0.3 : 1.2));
    const backwards = (values: Float64Array, width = 1) =>
      Float64Array.from(values, (_, cell) => values[(ROWS - 1 - Math.floor(cell / width)) * width + (cell % width)]!);
    const turned = {
      ...rows,
      logits: backwards(rows.logits, EDGES.length),
      windowsToOnset: backwards(rows.windowsToOnset),
    };
    expect(chooseCorrection(turned, backwards(atMs))).toBe(chooseCorrection(rows, atMs));
  });
});
