/** A label speaks for its own group and for near ones: their stored verdicts follow what is answered now. Windows keep the class that
 *  their errors had when they were counted. */
import { readError } from "../../../models/classifier/read-error.ts";
import { nearness, signatureOf } from "../../../models/fusion/label-memory.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { type ClassificationContext, classifyRecords } from "../../platform/classification/error-classifier.ts";
import type { Answer } from "../../platform/classification/label-effects.ts";
import type { Database } from "../../platform/store/database.ts";
import {
  type ErrorGroup,
  findErrorGroup,
  readGroupsOfType,
  reclassifyGroup,
} from "../../platform/store/errors-store.ts";
import type { ClassEffect } from "./feedback.ts";

/** Looked through for near ones: the most recent groups of the type. */
const MAX_LOOKED_THROUGH = 200;

export async function reclassifyGroups(
  db: Database,
  labelled: { fingerprint: string; record: ErrorRecord; now: Answer },
  context: Omit<ClassificationContext, "explain">,
): Promise<Pick<ClassEffect, "group" | "near">> {
  const { fingerprint, record, now } = labelled;
  const stored = await findErrorGroup(db, fingerprint);
  if (stored !== null) await reclassifyGroup(db, fingerprint, now);
  const near = await nearGroups(db, fingerprint, record);
  const answers = await classifyRecords(
    near.map((group) => group.sample),
    { ...context, explain: false },
  );
  let reclassified = 0;
  for (const [index, group] of near.entries()) {
    const answer = answers[index]!;
    if (isSame(group, answer) && group.probability === Math.fround(answer.probability)) continue;
    if (!isSame(group, answer)) reclassified++;
    await reclassifyGroup(db, group.fingerprint, answer);
  }
  const errors = near.reduce((sum, group) => sum + group.errorCount, 0);
  return {
    group:
      stored === null
        ? null
        : {
            before: { class: stored.class, probability: stored.probability, abstained: stored.abstained },
            reclassified: !isSame(stored, now),
          },
    near: { groups: near.length, errors, reclassified },
  };
}

async function nearGroups(db: Database, fingerprint: string, record: ErrorRecord): Promise<ErrorGroup[]> {
  const error = readError(record);
  const signature = signatureOf(error);
  const groups = await readGroupsOfType(db, error.exceptionType, MAX_LOOKED_THROUGH);
  return groups.filter(
    (group) => group.fingerprint !== fingerprint && nearness(signature, signatureOf(readError(group.sample))) > 0,
  );
}

function isSame(left: Pick<Answer, "class" | "abstained">, right: Pick<Answer, "class" | "abstained">): boolean {
  return left.class === right.class && left.abstained === right.abstained;
}
