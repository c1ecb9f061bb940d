/** Classifies errors that a caller describes, and keeps the answers so that feedback can target them. Knows no HTTP. */
import type { Classification } from "../../../models/fusion/classification.ts";
import type { ErrorClassifier } from "../../platform/classification/error-classifier.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { insertClassifications } from "../../platform/store/classifications-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { type ErrorInput, toErrorRecord } from "./error-record.ts";

export interface ClassifyDeps {
  db: Database;
  clock: Clock;
  newId: NewId;
  classifier: ErrorClassifier;
}

type StoredClassification = Classification & { id: string };

export interface ClassifyService {
  /** @returns one answer per error, in order, each stored under its id */
  classify(errors: readonly ErrorInput[]): Promise<StoredClassification[]>;
}

export function createClassifyService({ db, clock, newId, classifier }: ClassifyDeps): ClassifyService {
  return {
    async classify(errors) {
      const nowMs = clock.now();
      const records = errors.map((error) => toErrorRecord(error, nowMs));
      const answers = (await classifier.classify(records)).map((answer) => ({ id: newId(), ...answer }));
      await insertClassifications(
        db,
        answers.flatMap((answer, index) => {
          const error = records[index];
          if (error === undefined) return [];
          const { id, fingerprint, probability, abstained } = answer;
          return [
            {
              id,
              fingerprint,
              class: answer.class,
              probability,
              abstained,
              votes: { ...answer.votes },
              error,
              createdAtMs: nowMs,
            },
          ];
        }),
      );
      return answers;
    },
  };
}
