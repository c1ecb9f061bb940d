/** Rows for the classifier: what is known (errors with families and labels) turned into tokens, each with targets and a weight. */
import { type CatalogueEntry, fillEntry } from "../../datasets/errors/catalogue.ts";
import { type LabelledError, toErrorRecord } from "../../datasets/errors/labelled-error.ts";
import { type Sentence, speakSentence, tellEntry } from "../../datasets/errors/wording.ts";
import { type EncodedError, encodeError, type Token, tokensOf } from "../../models/classifier/encoder.ts";
import { type ReadError, readError } from "../../models/classifier/read-error.ts";
import { readingsOf } from "../../models/rules/phrase-pattern.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { ERROR_CLASSES, type ErrorClass } from "../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../models/telemetry/records.ts";
import type { Random } from "../random.ts";

export interface ClassifierRow {
  family: string;
  /** what raised or printed it; null where that is not known */
  runtime: string | null;
  error: ReadError;
  encoded: EncodedError;
  /** the same, one by one */
  tokens: Token[];
  class: ErrorClass;
  also: readonly ErrorClass[];
  /** relative weight in the loss, > 0 */
  weight: number;
}

const TOLD_WEIGHT = 0.5;
/** choices of words per sentence */
const SAYINGS = 6;
const SAYING_WEIGHT = 0.5;
const RULE_WEIGHT = 0.3;
/** Texts made of one phrase of a rule. */
const READINGS = 2;

export function rowOf(
  record: ErrorRecord,
  label: { class: ErrorClass; also?: readonly ErrorClass[]; family: string; runtime?: string; weight?: number },
): ClassifierRow {
  const error = readError(record);
  const encoded = encodeError(error);
  return {
    family: label.family,
    runtime: label.runtime ?? null,
    error,
    encoded,
    tokens: tokensOf(encoded),
    class: label.class,
    also: label.also ?? [],
    weight: label.weight ?? 1,
  };
}

/** @param weight of each row */
export function rowsOfErrors(errors: readonly LabelledError[], weight = 1): ClassifierRow[] {
  return errors.map((error) => rowOf(toErrorRecord(error), { ...error, weight }));
}

export function rowsOfWording(sentences: readonly Sentence[], random: Random): ClassifierRow[] {
  return sentences.flatMap((sentence) =>
    Array.from({ length: SAYINGS }, () => {
      const spoken = speakSentence(sentence, () => random.uniform());
      return rowOf(toErrorRecord(spoken), { ...spoken, weight: SAYING_WEIGHT });
    }),
  );
}

/** Each entry as it is, and its message as somebody may hand it on: under another type, or in a line of a log. */
export function rowsOfCatalogue(entries: readonly CatalogueEntry[], random: Random): ClassifierRow[] {
  const uniform = () => random.uniform();
  return entries.flatMap((entry) => {
    const filled = fillEntry(entry, uniform);
    const told = tellEntry(entry, uniform);
    return [
      rowOf(toErrorRecord(filled), filled),
      ...(told === null ? [] : [rowOf(toErrorRecord(told), { ...told, weight: TOLD_WEIGHT })]),
    ];
  });
}

/** What the rule table knows, as short errors of little weight: the model then has a first idea of every type and phrase in it. */
export function rowsOfRules(): ClassifierRow[] {
  const rows: ClassifierRow[] = [];
  for (const rule of RULES) {
    if (rule.strength < 0.6) continue;
    const label = { class: rule.class, family: `rule-${rule.id}`, weight: RULE_WEIGHT };
    for (const type of rule.types ?? [])
      if (!type.includes("*")) rows.push(rowOf(bare({ exceptionType: type }), label));
    for (const phrase of rule.phrases ?? [])
      for (const body of readingsOf(phrase, READINGS))
        rows.push(rowOf(bare({ body }), { ...label, weight: RULE_WEIGHT / READINGS }));
  }
  return rows;
}

/** shape [C]: most of it on the class, the rest on what is acceptable too */
export function targetOf(row: Pick<ClassifierRow, "class" | "also">): Float32Array {
  const target = new Float32Array(ERROR_CLASSES.length);
  const shared = row.also.length === 0 ? 0 : 0.25;
  target[ERROR_CLASSES.indexOf(row.class)] = 1 - shared;
  for (const other of row.also) target[ERROR_CLASSES.indexOf(other)]! += shared / row.also.length;
  return target;
}

function bare(fields: Partial<ErrorRecord>): ErrorRecord {
  return { service: { namespace: "", name: "", environment: "" }, timeMs: 0, source: "log", attributes: {}, ...fields };
}
