/** Whether a model is to be trained again now, and why or why not. */

export interface RetrainingSettings {
  onDrift: boolean;
  /** between two jobs that nobody asked for */
  coolDownMs: number;
  /** standing labels of operators, since the last job was asked for, that start one; 0 never does */
  feedbackLabels: number;
  /** outcomes that must be new since then before drift starts a job: the same rows again teach nothing */
  minNewExamples: number;
}

export interface RetrainingSituation {
  nowMs: number;
  /** a job of this model waits or runs */
  busy: boolean;
  /** when the last job was asked for by drift or feedback; null: never */
  lastAutomaticMs: number | null;
  newLabels: number;
  newExamples: number;
  /** names of the signals that say drift */
  drifting: readonly string[];
}

export type RetrainingDecision =
  | { start: true; reason: "feedback" | "drift"; because: string }
  | { start: false; because: string };

export function decideRetraining(situation: RetrainingSituation, settings: RetrainingSettings): RetrainingDecision {
  const wanted = wish(situation, settings);
  if (!wanted.start) return wanted;
  if (situation.busy) return { start: false, because: `${wanted.because}, but a job waits or runs` };
  const { lastAutomaticMs, nowMs } = situation;
  if (lastAutomaticMs !== null && nowMs - lastAutomaticMs < settings.coolDownMs) {
    return { start: false, because: `${wanted.because}, but the last such job is too recent` };
  }
  return wanted;
}

function wish(
  { newLabels, newExamples, drifting }: RetrainingSituation,
  settings: RetrainingSettings,
): RetrainingDecision {
  const { feedbackLabels, minNewExamples, onDrift } = settings;
  if (feedbackLabels > 0 && newLabels >= feedbackLabels) {
    return { start: true, reason: "feedback", because: `${newLabels} new labels, ${feedbackLabels} start a job` };
  }
  if (drifting.length === 0) return { start: false, because: "nothing calls for it" };
  const because = `drift: ${drifting.join(", ")}`;
  if (!onDrift) return { start: false, because: `${because}, but drift starts no job here` };
  if (newExamples < minNewExamples) {
    return { start: false, because: `${because}, but only ${newExamples} new outcomes of ${minNewExamples}` };
  }
  return { start: true, reason: "drift", because };
}
