/** Reads from the store what tells whether the classifier's world has changed. */
import { setImmediate as otherWork } from "node:timers/promises";
import { type EncodedError, encodeError } from "../../../models/classifier/encoder.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import {
  type DriftSign,
  inputDrift,
  type KindsOfError,
  lossDrift,
  noveltyDrift,
} from "../../../models/drift/classifier-drift.ts";
import { createNoveltyMeter, telling } from "../../../models/drift/novelty.ts";
import type { Database } from "../store/database.ts";
import { readKindsSeen, type SeenKind } from "../store/errors-store.ts";
import type { ErrorClassifier } from "./error-classifier.ts";
import { readNewLabels } from "./label-set.ts";
import { RULES_ONLY } from "./model-voice.ts";

const DAY_MS = 86_400_000;
const RECENT_MS = 7 * DAY_MS;
const EARLIER_MS = 28 * DAY_MS;
/** Kinds per side: the newest. */
const MAX_KINDS = 400;
const READ_AT_ONCE = 16;

export type ClassifierDriftSource = Pick<ErrorClassifier, "grounds">;

/** @param nowMs processing time; kinds count as recent by when they were first seen */
export async function readClassifierDrift(
  db: Database,
  classifier: ClassifierDriftSource,
  nowMs: number,
): Promise<DriftSign[]> {
  const { engine, model, held } = classifier.grounds();
  const { learned } = await readNewLabels(db, held, engine);
  const modelVersion = model?.version ?? RULES_ONLY;
  const losses = learned.labels.flatMap(({ evidence }) =>
    evidence.loss !== null && evidence.votes.modelVersion === modelVersion ? [evidence.loss] : [],
  );
  const recent = await readKindsSeen(db, { fromMs: nowMs - RECENT_MS, toMs: nowMs, limit: MAX_KINDS });
  const earlier = await readKindsSeen(db, {
    ...{ fromMs: nowMs - RECENT_MS - EARLIER_MS, toMs: nowMs - RECENT_MS, limit: MAX_KINDS },
  });
  const [recentErrors, earlierErrors] = [await encodeAll(recent), await encodeAll(earlier)];
  const side = (kinds: readonly SeenKind[], encoded: readonly EncodedError[]): KindsOfError => ({
    classes: kinds.map((kind) => kind.class),
    words: encoded.map((own) => telling(own).map(({ name }) => name)),
  });
  const reference = model?.manifest.novelty;
  const meter = reference === undefined ? null : createNoveltyMeter(reference);
  return [
    lossDrift(losses),
    ...inputDrift(side(earlier, earlierErrors), side(recent, recentErrors)),
    noveltyDrift(meter === null ? null : recentErrors.map((own) => meter(own).novel)),
  ];
}

/** Read a few at a time, so that the event loop stays free. */
async function encodeAll(kinds: readonly SeenKind[]): Promise<EncodedError[]> {
  const encoded: EncodedError[] = [];
  for (const [index, { sample }] of kinds.entries()) {
    if (index % READ_AT_ONCE === 0) await otherWork();
    encoded.push(encodeError(readError(sample)));
  }
  return encoded;
}
