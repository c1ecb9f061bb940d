/** Which error to ask an operator about next: uncertainty sampling (Lewis and Gale 1994, section 3) weighted by how much of the
 *  stream the answer would settle (information density, Settles and Craven 2008, section 4.1). Changed: density is the group's own
 *  frequency, since errors are grouped before they are classified; novelty is added, because what is new is what nobody has
 *  thought about yet. All three factors are in (0, 1], so that a product ranks them without units. */
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";

export interface Candidate {
  fingerprint: string;
  class: ErrorVerdict;
  /** calibrated probability of the most likely class */
  probability: number;
  abstained: boolean;
  seenCount: number;
  firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
}

export interface RankedCandidate<Item extends Candidate> {
  candidate: Item;
  score: number;
  uncertainty: number;
  frequency: number;
  novelty: number;
  why: string;
}

const NOVELTY_HALF_LIFE_MS = 7 * 86_400_000;
/** Even a sure, rare and old group keeps a place at the end of the list. */
const FLOOR = 0.02;

/** @returns the candidates, most helpful first; ties by fingerprint, so that the order is stable */
export function rankCandidates<Item extends Candidate>(
  candidates: readonly Item[],
  nowMs: EpochMs,
): RankedCandidate<Item>[] {
  const most = Math.max(1, ...candidates.map(({ seenCount }) => seenCount));
  return candidates
    .map((candidate) => {
      const uncertainty = Math.max(FLOOR, candidate.abstained ? 1 : 1 - candidate.probability);
      const frequency = Math.max(FLOOR, Math.log1p(candidate.seenCount) / Math.log1p(most));
      const ageMs = Math.max(0, nowMs - candidate.firstSeenMs);
      const novelty = Math.max(FLOOR, 2 ** (-ageMs / NOVELTY_HALF_LIFE_MS));
      const score = uncertainty * frequency * novelty;
      return { candidate, score, uncertainty, frequency, novelty, why: explain(candidate, ageMs) };
    })
    .sort((a, b) => b.score - a.score || (a.candidate.fingerprint < b.candidate.fingerprint ? -1 : 1));
}

function explain({ abstained, class: guess, probability, seenCount }: Candidate, ageMs: number): string {
  const doubt = abstained
    ? "Harbinger abstains on it"
    : `Harbinger says ${guess} with ${Math.round(probability * 100)} % and may be wrong`;
  const times = seenCount === 1 ? "seen once" : `seen ${seenCount} times`;
  const days = Math.floor(ageMs / 86_400_000);
  const age = days === 0 ? "new today" : days === 1 ? "known for a day" : `known for ${days} days`;
  return `${doubt}; ${times}, ${age}.`;
}
