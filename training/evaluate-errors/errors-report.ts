/** What an evaluation of the classifier reports. */
import type { Scores } from "../classifier/score-voices.ts";
import type { Difference } from "./compare-voices.ts";
import type { RiskCoverage } from "./risk-coverage.ts";

export const VOICE_NAMES = ["rules", "model", "memory", "fusion"] as const;
export type VoiceName = (typeof VOICE_NAMES)[number];

export interface SliceScore {
  rows: number;
  accuracy: Record<VoiceName, number>;
  logLoss: Record<VoiceName, number>;
}

interface VoiceReport extends Scores {
  riskCoverage: RiskCoverage;
}

/** Fusion against one voice alone. */
export interface Comparison {
  /** share of right answers, fusion − voice */
  accuracy: Difference;
  /** fusion − voice: below 0 is better */
  logLoss: Difference;
  beaten: boolean;
}

export interface ErrorsReport {
  train: string;
  test: string;
  modelVersion: string;
  rows: number;
  families: number;
  /** labelled errors that the memory holds; 0: it is silent */
  remembered: number;
  /** set when the test file holds families that the model was fitted on: the numbers then show memory, not skill */
  leak: { families: number; rows: number } | null;
  voices: Record<VoiceName, VoiceReport>;
  comparisons: Record<Exclude<VoiceName, "fusion">, Comparison>;
  hard: SliceScore;
  easy: SliceScore;
  /** share of answers that are not `unknown`, and how often those are right */
  abstention: { below: number; answered: number; accuracyWhenAnswered: number };
  byClass: Record<string, SliceScore>;
  byRuntime: Record<string, SliceScore>;
  errorsPerSecond: number;
}
