/** What a judgement changed, free of any transport. */
import type { EpochMs, ServiceIdentity } from "../../../models/telemetry/records.ts";
import type { Answer, LabelEffect } from "../../platform/classification/label-effects.ts";
import type { FeedbackRow } from "../../platform/store/feedback-store.ts";
import type { Outcome } from "../../platform/store/judgement-tables.ts";

export interface ClassEffect extends LabelEffect {
  kind: "class";
  fingerprint: string;
  /** the stored group of errors of this fingerprint; null when telemetry brought none */
  group: { before: Answer; reclassified: boolean } | null;
  near: NearGroups;
}

/** Stored groups of errors that the label speaks for because they are very close to the labelled one. */
interface NearGroups {
  groups: number;
  /** errors counted in them so far */
  errors: number;
  reclassified: number;
}

/** How the next training counts the row (service, moment, horizon). */
export type TrainingRow = "positive" | "negative" | "left_out" | "by_rule";

export interface OutcomeEffect {
  kind: "outcome";
  service: ServiceIdentity;
  atMs: EpochMs;
  horizonMs: number;
  predicted: number;
  trainingRow: TrainingRow;
  sentence: string;
}

export interface Retraining {
  labels: number;
  trigger: number;
  trainingJobId: string | null;
}

export interface Effect {
  change: ClassEffect | OutcomeEffect;
  retraining: Retraining | null;
}

export type JudgedFeedback = Omit<FeedbackRow, "effect"> & { effect: Effect };

export const TRAINING_ROW_OF: Readonly<Record<Outcome, TrainingRow>> = {
  failed: "positive",
  did_not_fail: "negative",
  mitigated: "left_out",
};
