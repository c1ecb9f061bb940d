/** The last rung of the ladder: what this process said last about a service, for when the store does not answer. */
import type { Prediction, PredictQuery } from "./prediction.ts";

const CAPACITY = 10_000;

export interface LastAnswers {
  remember(query: PredictQuery, prediction: Prediction): void;
  /** @returns the last answer about now to the same question, marked as such; null when there is none, or the question is about the past */
  recall(query: PredictQuery): Prediction | null;
}

export function createLastAnswers(): LastAnswers {
  // A Map keeps insertion order, so its first key is the one unused for longest.
  const answers = new Map<string, Prediction>();
  return {
    remember(query, prediction) {
      const key = keyOf(query);
      answers.delete(key);
      answers.set(key, prediction);
      const [oldest] = answers.keys();
      if (answers.size > CAPACITY && oldest !== undefined) answers.delete(oldest);
    },
    recall(query) {
      if (query.atMs !== undefined) return null;
      const prediction = answers.get(keyOf(query));
      if (prediction === undefined) return null;
      return {
        ...prediction,
        answer: query.explain ? prediction.answer : { ...prediction.answer, explanation: null },
        step: "last_known",
        notes: [
          ...prediction.notes,
          "The store does not answer just now: this repeats the last known prediction, see `at`.",
        ],
      };
    },
  };
}

/** One text per question about the present. */
export function questionKey({ service, horizonsMs, explain }: PredictQuery): string {
  return JSON.stringify([
    service.name,
    service.namespace ?? null,
    service.environment ?? null,
    horizonsMs ?? null,
    explain,
  ]);
}

/** An explained answer also serves those who want none. */
function keyOf(query: PredictQuery): string {
  return questionKey({ ...query, explain: true });
}
