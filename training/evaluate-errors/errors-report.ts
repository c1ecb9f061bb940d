/** What an evaluation of the classifier reports. */
import type { Scores } from "../classifier/score-voices.ts";

export type VoiceName = "rules" | "model" | "memory" | "fusion";

export interface SliceScore {
  rows: number;
  accuracy: Record<VoiceName, number>;
}

export interface ErrorsReport {
  train: string;
  test: string;
  modelVersion: string;
  rows: number;
  /** set when the test file holds families that the model was fitted on: the numbers then show memory, not skill */
  leak: { families: number; rows: number } | null;
  voices: Record<VoiceName, Scores>;
  hard: SliceScore;
  easy: SliceScore;
  /** share of answers that are not `unknown`, and how often those are right */
  abstention: { below: number; answered: number; accuracyWhenAnswered: number };
  /** accuracy among the most confident shares of the answers */
  coverageCurve: { coverage: number; accuracy: number; confidence: number }[];
  byClass: Record<string, SliceScore>;
  byRuntime: Record<string, SliceScore>;
  errorsPerSecond: number;
}
