/** What feedback has taught, as one process holds it: refreshed when the memory's version has moved, which each call checks. */
import type { FusionWeights } from "../../../models/fusion/fusion-weights.ts";
import { createLabelMemory, type LabelMemory } from "../../../models/fusion/label-memory.ts";
import { PLAIN_GROUPING, type Regrouping } from "../../../models/grouping/regrouping.ts";
import type { RulePosteriors } from "../../../models/rules/rule-engine.ts";
import { readRegrouping } from "../grouping/grouping-source.ts";
import { createRegroupedMemory } from "../grouping/regrouped-memory.ts";
import type { Database } from "../store/database.ts";
import { loadMemory, readFusionWeights, readMemoryVersion, readRulePosteriors } from "../store/memory-store.ts";

export interface LearnedState {
  memoryVersion: number;
  /** what operators merged and split; a change of it raises the version too */
  regrouping: Regrouping;
  /** asked by group */
  memory: LabelMemory;
  posteriors: RulePosteriors;
  /** by version of the classifier */
  weights: Readonly<Record<string, FusionWeights>>;
}

export const NOTHING_LEARNED: LearnedState = {
  memoryVersion: 0,
  regrouping: PLAIN_GROUPING,
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
  const [entries, posteriors, regrouping] = [
    await loadMemory(db),
    await readRulePosteriors(db),
    await readRegrouping(db),
  ];
  return {
    memoryVersion: stored.memoryVersion,
    regrouping,
    memory: createRegroupedMemory(entries, regrouping),
    posteriors,
    weights: stored.byModel,
  };
}
