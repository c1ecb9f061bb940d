/** Whether the loss of a model has risen, by ADWIN (models/drift/adwin.ts) over the mean Brier loss per horizon-long block, so that one
 *  outcome is not seen many times.
 *
 *  ADWIN's bound is made for values that fill [0, 1], and Brier losses of rare failures lie far below 1: it would hardly ever see them
 *  move. So losses are taken as a share of `TOP` times the base rate's loss in the first `EARLY` blocks, and cut off at 1. */
import { type AdwinState, adwinMean, createAdwin, observe } from "../drift/adwin.ts";
import type { OutcomeSums } from "./outcome-sums.ts";

/** Plain JSON. */
export interface LossWatch {
  adwin: AdwinState;
  /** what counts as 1; null until there are enough blocks to say */
  scale: number | null;
  /** blocks that wait for the scale */
  early: Block[];
  /** the block that is still growing */
  growing: Block | null;
  /** the newest rise: mean losses, cut off at the scale */
  risen: { atMs: number; before: number; after: number } | null;
}

interface Block {
  startMs: number;
  rows: number;
  /** sums over the rows */
  brier: number;
  baseRateBrier: number;
}

const EARLY = 20;
const TOP = 4;
/** Where hardly anything ever fails, a single failure must not fill the scale. */
const LEAST_SCALE = 0.01;

export function createLossWatch(): LossWatch {
  return { adwin: createAdwin(), scale: null, early: [], growing: null, risen: null };
}

/** @param sums of one span of time, later than those before; the last block may go on in the next span */
export function watchLoss(watch: LossWatch, sums: readonly OutcomeSums[], horizonMs: number): LossWatch {
  const blocks = addUp(watch.growing, sums);
  const growing = blocks.pop() ?? null;
  const waiting = [...watch.early, ...blocks];
  const scale = watch.scale ?? (waiting.length < EARLY ? null : scaleOf(waiting));
  if (scale === null) return { ...watch, early: waiting, growing };
  let { adwin, risen } = watch;
  for (const { startMs, rows, brier } of waiting) {
    const before = adwinMean(adwin).mean;
    const step = observe(adwin, Math.min(1, brier / rows / scale));
    adwin = step.state;
    if (!step.drifted) continue;
    const after = adwinMean(adwin).mean;
    risen = after > before ? { atMs: startMs + horizonMs, before: before * scale, after: after * scale } : null;
  }
  return { adwin, scale, early: [], growing, risen };
}

function scaleOf(blocks: readonly Block[]): number {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const base = blocks.reduce((sum, block) => sum + block.baseRateBrier, 0) / rows;
  return Math.min(1, Math.max(LEAST_SCALE, TOP * base));
}

/** @returns all services together, ascending by time */
function addUp(growing: Block | null, sums: readonly OutcomeSums[]): Block[] {
  const blocks = new Map<number, Block>();
  if (growing !== null) blocks.set(growing.startMs, growing);
  for (const { blockMs, rows, brier, againstBrier } of sums) {
    const known = blocks.get(blockMs) ?? { startMs: blockMs, rows: 0, brier: 0, baseRateBrier: 0 };
    blocks.set(blockMs, {
      startMs: blockMs,
      rows: known.rows + rows,
      brier: known.brier + brier,
      baseRateBrier: known.baseRateBrier + againstBrier,
    });
  }
  return [...blocks.values()].sort((a, b) => a.startMs - b.startMs);
}
