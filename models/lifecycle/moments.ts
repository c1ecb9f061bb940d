/** How moments are dealt out to the sequences of the evidence (paired-evidence.ts): in each, an outcome is known before the next forecast. */
import { addMoment, type PairedEvidence, type PairedMoment, pairedMoment } from "./paired-evidence.ts";

export interface MomentPlan {
  /** moments lie this far apart; windows in between give no evidence of their own */
  stepMs: number;
  sequences: number;
}

/** More sequences cost memory and tell the same: neighbouring moments share their outcomes. */
const MOST_SEQUENCES = 24;

/** @param horizonMs a multiple of `windowSizeMs` */
export function planMoments(horizonMs: number, windowSizeMs: number): MomentPlan {
  const stepMs = windowSizeMs * Math.ceil(horizonMs / windowSizeMs / MOST_SEQUENCES);
  return { stepMs, sequences: Math.ceil(horizonMs / stepMs) };
}

/** Adds services up to moments. */
export interface MomentSums {
  add(atMs: number, a: number, b: number, outcome: number): void;
  /** @returns the evidence with all moments, in the order of time */
  addTo(evidence: PairedEvidence): PairedEvidence;
}

export function createMomentSums({ stepMs }: MomentPlan): MomentSums {
  const moments = new Map<number, PairedMoment>();
  return {
    add(atMs, a, b, outcome) {
      if (atMs % stepMs !== 0) return;
      const moment = atMs / stepMs;
      const { gain, risk } = pairedMoment(a, b, outcome);
      const known = moments.get(moment) ?? { gain: 0, risk: 0 };
      moments.set(moment, { gain: known.gain + gain, risk: known.risk + risk });
    },
    addTo: (evidence) =>
      [...moments]
        .sort(([one], [other]) => one - other)
        .reduce((sum, [number, moment]) => addMoment(sum, number, moment), evidence),
  };
}
