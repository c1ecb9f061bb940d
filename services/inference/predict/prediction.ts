/** What a prediction says, free of any transport. Times are epoch ms. */
import type { Explanation } from "../../../models/predictor/explain.ts";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { EpochMs, ServiceIdentity } from "../../../models/telemetry/records.ts";
import type { KnownService, ServiceQuery } from "../../platform/store/service-lookup.ts";

/** `ready`: the model answered. `warming`: the service has a history, but no model that can read it yet. `prior`: nothing is known
 *  about this service; the answer is the fleet's base rate. */
export type PredictionState = "prior" | "warming" | "ready";

/** The rung of the ladder that answered: the champion model; base rates; or, when the store does not answer, what this process said
 *  last. */
type PredictionStep = "model" | "prior" | "last_known";

export interface PredictQuery {
  service: ServiceQuery;
  /** absent: now */
  atMs?: EpochMs | undefined;
  /** absent: the configured ones */
  horizonsMs?: readonly number[] | undefined;
  explain: boolean;
}

/** A query with everything that it left open filled in. */
export interface Asked {
  query: PredictQuery;
  service: KnownService | null;
  atMs: EpochMs;
  /** ascending, distinct */
  horizonsMs: readonly number[];
  /** the one that is explained and that `confidence` is about */
  explainedHorizonMs: number;
}

export interface HorizonRisk {
  horizonMs: number;
  probability: number;
  /** 90 % interval */
  lower: number;
  upper: number;
  confidence: number;
}

/** `onset`: windows that failed; `incident`: filed from elsewhere; `mitigated`: warned of, and somebody acted. */
export interface PastFailure {
  kind: "onset" | "incident" | "mitigated";
  /** of a mitigated one, the moment that the warning was about */
  startMs: EpochMs;
  endMs: EpochMs | null;
  title: string | null;
  class: ErrorClass | null;
  /** of the errors while it lasted, most frequent first */
  classes: { class: ErrorClass; share: number }[];
  /** what operators wrote when they judged predictions about it */
  comments: string[];
  /** 1: what is out of the ordinary now was so when it began; null when that cannot be said */
  likeness: number | null;
}

export interface PredictionExplanation {
  sentence: string;
  /** the horizon that is explained */
  horizonMs: number;
  /** exact Shapley values in log-odds; null when base rates answered */
  attribution: Explanation | null;
  /** counts behind base rates; null when the model answered */
  baseRate: { fleet: { onsets: number; windows: number }; service: { onsets: number; windows: number } } | null;
  /** of this service, that had begun by then: most alike to now first, then newest first */
  nearestPast: PastFailure[];
}

/** What is said about a service: the same for everyone who asks the same question, until something more becomes known. */
export interface Answer {
  service: ServiceIdentity;
  model: { name: string; version: string | null; state: PredictionState };
  step: Exclude<PredictionStep, "last_known">;
  /** ascending */
  horizons: HorizonRisk[];
  /** of the primary horizon, or of the longest asked for */
  confidence: number;
  /** the last closed window of the service failed; null when that is not known */
  failingNow: boolean | null;
  predictedErrorClasses: Array<{ class: ErrorClass; probability: number }>;
  /** if a failure comes within the longest horizon: when; null without a model */
  timeWindow: { fromMs: EpochMs; toMs: EpochMs; mass: number } | null;
  explanation: PredictionExplanation | null;
  recommendedActions: string[];
  /** end of the newest window that was used; null when none was */
  windowEndMs: EpochMs | null;
  /** the newest event that the model can have learned from; null without a model, or when it is not recorded */
  modelTrainedThroughMs: EpochMs | null;
  notes: string[];
}

/** One answer as it was given once. */
export interface Prediction {
  id: string;
  atMs: EpochMs;
  madeAtMs: EpochMs;
  step: PredictionStep;
  answer: Answer;
  /** the model learned from events after `atMs`: its weights are not what was known then; null when that is not recorded */
  modelSawLater: boolean | null;
  /** the answer's, and what only holds of the moment asked about */
  notes: string[];
}
