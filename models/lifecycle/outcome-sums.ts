/** Losses of two forecasters, added up over one service's rows within one horizon: rows that share their outcome are not told apart. */
import { logLoss } from "../calibration/log-loss.ts";

export interface OutcomeSums {
  serviceId: number;
  /** start of the horizon-long block that the predictions were made in */
  blockMs: number;
  rows: number;
  positives: number;
  /** sums over the rows */
  probability: number;
  brier: number;
  againstBrier: number;
  logLoss: number;
  againstLogLoss: number;
}

export interface OutcomeSummer {
  /** @param probability what is judged @param against what it is compared with; both in [0, 1] */
  add(row: { serviceId: number; atMs: number; outcome: 0 | 1 }, probability: number, against: number): void;
  sums(): OutcomeSums[];
}

export function createOutcomeSummer(horizonMs: number): OutcomeSummer {
  const blocks = new Map<string, OutcomeSums>();
  return {
    add({ serviceId, atMs, outcome }, probability, against) {
      const blockMs = Math.floor(atMs / horizonMs) * horizonMs;
      const key = `${serviceId} ${blockMs}`;
      const block = blocks.get(key) ?? emptyBlock(serviceId, blockMs);
      blocks.set(key, block);
      block.rows++;
      block.positives += outcome;
      block.probability += probability;
      block.brier += (probability - outcome) ** 2;
      block.againstBrier += (against - outcome) ** 2;
      block.logLoss += logLoss(probability, outcome);
      block.againstLogLoss += logLoss(against, outcome);
    },
    sums: () => [...blocks.values()],
  };
}

export function total(sums: readonly OutcomeSums[], loss: "brier" | "againstBrier"): number {
  return sums.reduce((sum, block) => sum + block[loss], 0);
}

function emptyBlock(serviceId: number, blockMs: number): OutcomeSums {
  const sums = { rows: 0, positives: 0, probability: 0, brier: 0, againstBrier: 0, logLoss: 0, againstLogLoss: 0 };
  return { serviceId, blockMs, ...sums };
}
