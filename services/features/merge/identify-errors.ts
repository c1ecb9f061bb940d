/** What each error of a job is: its group, its class, and how a second report of it is recognised. Done before the transaction, so
 *  that parsing and model runs hold no lock. */
import { createHash } from "node:crypto";
import { fingerprintError } from "../../../models/classifier/fingerprint.ts";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { ErrorClassifier } from "../../platform/classification/error-classifier.ts";
import type { Logger } from "../../platform/logger.ts";

interface Verdict {
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
}

export interface IdentifiedError {
  record: ErrorRecord;
  fingerprint: string;
  template: string;
  exceptionType: string | null;
  verdict: Verdict;
  /** null: not correlated, every report counts */
  sightingKey: Buffer | null;
}

const UNKNOWN: Verdict = { class: "unknown", probability: 0, abstained: true };

export interface IdentifyDeps {
  classifier: Pick<ErrorClassifier, "classify">;
  logger: Logger;
  /** called with the number of groups that could not be classified */
  onFallback(groupCount: number): void;
}

/** Each distinct group is classified once, by its first record. When the classifier fails, errors are still counted, as `unknown`:
 *  they were acknowledged. */
export async function identifyErrors(
  records: readonly ErrorRecord[],
  { classifier, logger, onFallback }: IdentifyDeps,
): Promise<IdentifiedError[]> {
  const identified = records.map((record) => ({
    record,
    ...fingerprintError(record),
    sightingKey: sightingKey(record),
  }));
  const representatives = new Map<string, ErrorRecord>();
  for (const { fingerprint, record } of identified) {
    if (!representatives.has(fingerprint)) representatives.set(fingerprint, record);
  }
  const verdicts = new Map<string, Verdict>();
  if (representatives.size > 0) {
    try {
      const classifications = await classifier.classify([...representatives.values()], { explain: false });
      for (const [index, fingerprint] of [...representatives.keys()].entries()) {
        const said = classifications[index];
        if (said !== undefined) verdicts.set(fingerprint, pickVerdict(said));
      }
    } catch (error) {
      onFallback(representatives.size);
      logger.warn({ err: error, groups: representatives.size }, "errors could not be classified; counted as unknown");
    }
  }
  return identified.map((error) => ({ ...error, verdict: verdicts.get(error.fingerprint) ?? UNKNOWN }));
}

function pickVerdict({ class: verdict, probability, abstained }: Verdict): Verdict {
  return { class: verdict, probability, abstained };
}

/** An SDK may report one exception as a span event and as a log record, in different requests: trace, span, type and message are
 *  then the same. */
function sightingKey(record: ErrorRecord): Buffer | null {
  const { traceId, spanId, exceptionType, exceptionMessage } = record;
  if (traceId === undefined || spanId === undefined) return null;
  if (exceptionType === undefined && exceptionMessage === undefined) return null;
  return createHash("sha256")
    .update(JSON.stringify([traceId, spanId, exceptionType ?? null, exceptionMessage ?? null]))
    .digest()
    .subarray(0, SIGHTING_KEY_BYTES);
}

/** 128 bits: a collision among a billion errors is less likely than one in 10^20. */
const SIGHTING_KEY_BYTES = 16;
