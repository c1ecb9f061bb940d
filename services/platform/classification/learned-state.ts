/** What feedback has taught, as one process holds it: refreshed when the memory's version has moved, which each call checks. */
import type { FusionWeights } from "../../../models/fusion/fusion-weights.ts";
import { createLabelMemory, type LabelMemory } from "../../../models/fusion/label-memory.ts";
import type { RulePosteriors } from "../../../models/rules/rule-engine.ts";
import type { Database } from "../store/database.ts";
import { loadMemory, readFusionWeights, readMemoryVersion, readRulePosteriors } from "../store/memory-store.ts";

export interface LearnedState {
  memoryVersion: number;
  memory: LabelMemory;
  posteriors: RulePosteriors;
  /** by version of the classifier */
  weights: Readonly<Record<string, FusionWeights>>;
}

export const NOTHING_LEARNED: LearnedState = {
  memoryVersion: 0,
  memory: createLabelMemory([]),
  posteriors: new Map(),
  weights: {},
};

/** @returns the state itself when nothing has changed since */
export async function refreshLearnedState(db: Database, held: LearnedState): Promise<LearnedState> {
  if ((await readMemoryVersion(db)) === held.memoryVersion) return held;
  return readLearnedState(db);
}

export async function readLearnedState(db: Database): Promise<LearnedState> {
  // The weights, which hold the version, first: a change in between makes the version too old, and the next call reads again.
  const stored = await readFusionWeights(db);
  const [entries, posteriors] = [await loadMemory(db), await readRulePosteriors(db)];
  return {
    memoryVersion: stored.memoryVersion,
    memory: createLabelMemory(entries),
    posteriors,
    weights: stored.byModel,
  };
}
