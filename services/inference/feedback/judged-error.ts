/** What a judgement is about: the error or the prediction that its target names. */
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { HarbingerError } from "../../platform/errors.ts";
import { findClassification, latestClassification } from "../../platform/store/classifications-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { findErrorGroup } from "../../platform/store/errors-store.ts";

export interface JudgedError {
  fingerprint: string;
  record: ErrorRecord;
}

/** @throws NOT_FOUND */
export async function errorOfClassification(db: Database, id: string): Promise<JudgedError> {
  const classification = await findClassification(db, id);
  if (classification === null) throw new HarbingerError("NOT_FOUND", "there is no such classification");
  return { fingerprint: classification.fingerprint, record: classification.error };
}

/** The sample of the group that telemetry brought, else the newest error of that fingerprint that was asked about.
 *  @throws NOT_FOUND */
export async function errorOfFingerprint(db: Database, fingerprint: string): Promise<JudgedError> {
  const group = await findErrorGroup(db, fingerprint);
  if (group !== null) return { fingerprint, record: group.sample };
  const asked = await latestClassification(db, fingerprint);
  if (asked !== null) return { fingerprint, record: asked.error };
  throw new HarbingerError("NOT_FOUND", "no error of this fingerprint has been seen");
}
