/** Classifies errors that a caller describes, and keeps the answers so that feedback can target them. Knows no HTTP. */
import type { DriftSign } from "../../../models/drift/classifier-drift.ts";
import type { Classification } from "../../../models/fusion/classification.ts";
import { createBatcher } from "../../platform/batcher.ts";
import { readClassifierDrift } from "../../platform/classification/classifier-drift.ts";
import type { ErrorClassifier } from "../../platform/classification/error-classifier.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { type ClassificationRow, insertClassifications } from "../../platform/store/classifications-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { type ErrorInput, toErrorRecord } from "./error-record.ts";

export interface ClassifyDeps {
  db: Database;
  clock: Clock;
  newId: NewId;
  classifier: Pick<ErrorClassifier, "classify" | "grounds">;
}

type StoredClassification = Classification & { id: string };

export interface ClassifyService {
  /** @returns one answer per error, in order, each stored under its id */
  classify(errors: readonly ErrorInput[]): Promise<StoredClassification[]>;
  /** whether the errors that come in have moved away from those that the classifier knows */
  drift(): Promise<DriftSign[]>;
}

/** Requests whose answers are written together at most. */
const MAX_REQUESTS_A_WRITE = 64;

export function createClassifyService({ db, clock, newId, classifier }: ClassifyDeps): ClassifyService {
  // An answer goes out once it is durable; requests that come while one write is under way share the next one.
  const writes = createBatcher<readonly ClassificationRow[]>({
    run: (groups) => insertClassifications(db, groups.flat()),
    maxWaitMs: 0,
    maxItems: MAX_REQUESTS_A_WRITE,
    maxRuns: 2,
  });
  return {
    drift: () => readClassifierDrift(db, classifier, clock.now()),
    async classify(errors) {
      const createdAtMs = clock.now();
      const records = errors.map((error) => toErrorRecord(error, createdAtMs));
      const answers = (await classifier.classify(records)).map((answer) => ({ id: newId(), ...answer }));
      await writes.add(
        answers.map((answer, index) => {
          const { id, fingerprint, probability, abstained, votes } = answer;
          // As many answers as records, in their order.
          const error = records[index]!;
          return {
            id,
            fingerprint,
            class: answer.class,
            probability,
            abstained,
            votes: { ...votes },
            error,
            createdAtMs,
          };
        }),
      );
      return answers;
    },
  };
}
