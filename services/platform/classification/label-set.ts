/** The labels that one process knows, and what they teach. A set is never changed: reading what is new gives another set, so a transaction
 *  can look ahead of what is committed without a trace in what others use. */
import { readError } from "../../../models/classifier/read-error.ts";
import type { GivenLabel, LabelEvidence } from "../../../models/fusion/given-label.ts";
import { signatureOf } from "../../../models/fusion/label-memory.ts";
import { type Learned, learnFrom, NOTHING_LEARNED } from "../../../models/fusion/learned.ts";
import { PLAIN_GROUPING, type Regrouping } from "../../../models/grouping/regrouping.ts";
import type { FiredRule, RuleEngine } from "../../../models/rules/rule-engine.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { readRegrouping } from "../grouping/grouping-source.ts";
import type { Database } from "../store/database.ts";
import { type LabelChanges, readLabelChanges } from "../store/labels-store.ts";
import { RULES_ONLY } from "./model-voice.ts";

export interface LabelSet {
  /** of the clock in labels-store.ts; -1 before the first read */
  version: number;
  byId: ReadonlyMap<string, GivenLabel>;
  /** what operators merged and split */
  regrouping: Regrouping;
  learned: Learned;
}

export const NO_LABELS: LabelSet = {
  version: -1,
  byId: new Map(),
  regrouping: PLAIN_GROUPING,
  learned: NOTHING_LEARNED,
};

/** @returns the set itself when nothing has changed since */
export async function readNewLabels(db: Database, held: LabelSet, engine: RuleEngine): Promise<LabelSet> {
  const changes = await readLabelChanges(db, held.version);
  if (changes.version === held.version && held.version >= 0) return held;
  return withChanges({ ...held, regrouping: await readRegrouping(db) }, changes, engine);
}

export function withLabel(held: LabelSet, label: GivenLabel): LabelSet {
  const byId = new Map(held.byId).set(label.id, label);
  return { ...held, byId, learned: learnFrom(byId.values(), held.regrouping) };
}

export function withoutLabel(held: LabelSet, id: string): LabelSet {
  const byId = new Map(held.byId);
  byId.delete(id);
  return { ...held, byId, learned: learnFrom(byId.values(), held.regrouping) };
}

function withChanges(held: LabelSet, { version, given, withdrawn }: LabelChanges, engine: RuleEngine): LabelSet {
  const byId = new Map(held.byId);
  for (const id of withdrawn) byId.delete(id);
  for (const { record, evidence, ...label } of given) {
    byId.set(label.id, { ...label, evidence: evidence ?? evidenceFromRecord(record, engine) });
  }
  const { regrouping } = held;
  return { version: Math.max(version, 0), byId, regrouping, learned: learnFrom(byId.values(), regrouping) };
}

/** Only rules that stood behind their class are judged by a label. */
const JUDGED_EVIDENCE = 0.2;

export function judgedRules(fired: readonly FiredRule[]): LabelEvidence["rules"] {
  return fired
    .filter(({ evidence }) => evidence >= JUDGED_EVIDENCE)
    .map(({ key, rule }) => ({ key, class: rule.class }));
}

/** For labels of releases that kept no evidence: all but the votes can be worked out again. */
function evidenceFromRecord(record: ErrorRecord, engine: RuleEngine): LabelEvidence {
  const error = readError(record);
  return {
    signature: signatureOf(error),
    rules: judgedRules(engine.evaluate(error).fired),
    votes: { rules: null, model: null, modelVersion: RULES_ONLY },
    loss: null,
  };
}
