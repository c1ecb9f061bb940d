/** What each error of a job is: its group, its class, and how a second report of it is recognised. It is worked out in slices of a few
 *  milliseconds, because the loop that it runs on may also answer `/predict`. */
import { hash } from "node:crypto";
import { setImmediate as otherWork } from "node:timers/promises";
import type { ErrorGist } from "../../../models/classifier/error-gist.ts";
import type { ErrorReader } from "../../../models/classifier/error-reader.ts";
import { PLAIN_GROUPING, type Regrouping } from "../../../models/grouping/regrouping.ts";
import { splitValue } from "../../../models/grouping/split-value.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { ErrorClassifier, ErrorJudgement } from "../../platform/classification/error-classifier.ts";
import type { Logger } from "../../platform/logger.ts";

export interface IdentifiedError {
  record: ErrorRecord;
  /** under which it is counted, whatever is merged */
  fingerprint: string;
  /** that it belongs to, by what operators merged and split */
  group: string;
  template: string;
  exceptionType: string | null;
  verdict: ErrorJudgement;
  /** in hex; null: not correlated, every report counts */
  sightingKey: string | null;
}

const UNKNOWN: ErrorJudgement = { class: "unknown", probability: 0, abstained: true };
/** Text that is read in one go: some milliseconds when nothing like it was read before. */
const SLICE_CHARACTERS = 150_000;

export interface IdentifyDeps {
  classifier: Pick<ErrorClassifier, "judge">;
  reader: ErrorReader;
  logger: Logger;
  /** called with the number of kinds of error that could not be classified */
  onFallback(kindCount: number): void;
}

type Read = Omit<IdentifiedError, "verdict"> & { gist: ErrorGist };

/** The class of an error is that of its gist (models/classifier/error-gist.ts), so neither the order of errors nor the worker decides it.
 *  When the classifier fails, errors are still counted, as `unknown`: they were acknowledged. */
export async function identifyErrors(
  records: readonly ErrorRecord[],
  { classifier, reader, logger, onFallback }: IdentifyDeps,
  regrouping: Regrouping = PLAIN_GROUPING,
): Promise<IdentifiedError[]> {
  if (records.length === 0) return [];
  const read = await readInSlices(records, reader, regrouping);
  const kinds = new Map<string, { key: string; group: string; gist: ErrorGist }>();
  for (const { group, gist } of read) {
    const key = kindOf(group, gist);
    if (!kinds.has(key)) kinds.set(key, { key, group, gist });
  }
  const verdicts = new Map<string, ErrorJudgement>();
  try {
    const questions = [...kinds.values()].map(({ key, group, gist }) => ({
      key,
      fingerprint: group,
      error: gist.error,
    }));
    for (const [index, verdict] of (await classifier.judge(questions)).entries()) {
      const kind = questions[index];
      if (kind !== undefined) verdicts.set(kind.key, verdict);
    }
  } catch (error) {
    onFallback(kinds.size);
    logger.warn({ err: error, kinds: kinds.size }, "errors could not be classified; counted as unknown");
  }
  return read.map(({ gist, ...error }) => ({
    ...error,
    verdict: verdicts.get(kindOf(error.group, gist)) ?? UNKNOWN,
  }));
}

/** A label on the group decides too, and groups mask more than gists do. */
function kindOf(group: string, gist: ErrorGist): string {
  return `${group}\u0000${gist.key}`;
}

async function readInSlices(
  records: readonly ErrorRecord[],
  reader: ErrorReader,
  regrouping: Regrouping,
): Promise<Read[]> {
  const read: Read[] = [];
  let characters = 0;
  for (const record of records) {
    const { identity, gist } = reader.read(record);
    const { member, group } = regrouping.place(identity.fingerprint, (criterion) =>
      splitValue(criterion, gist.error.chain, record.service),
    );
    read.push({ record, ...identity, fingerprint: member, group, gist, sightingKey: sightingKey(record) });
    characters += textLength(record);
    if (characters >= SLICE_CHARACTERS) {
      characters = 0;
      await otherWork();
    }
  }
  return read;
}

function textLength({ stacktrace, exceptionMessage, body }: ErrorRecord): number {
  return 500 + (stacktrace?.length ?? 0) + (exceptionMessage?.length ?? 0) + (body?.length ?? 0);
}

/** An SDK may report one exception as a span event and as a log record, in different requests: trace, span, type and message are
 *  then the same. */
function sightingKey(record: ErrorRecord): string | null {
  const { traceId, spanId, exceptionType, exceptionMessage } = record;
  if (traceId === undefined || spanId === undefined) return null;
  if (exceptionType === undefined && exceptionMessage === undefined) return null;
  const text = JSON.stringify([traceId, spanId, exceptionType ?? null, exceptionMessage ?? null]);
  return hash("sha256", text, "hex").slice(0, 2 * SIGHTING_KEY_BYTES);
}

/** 128 bits: a collision among a billion errors is less likely than one in 10^20. */
const SIGHTING_KEY_BYTES = 16;
