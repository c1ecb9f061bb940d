/** `npm run evaluate -- errors --feedback 0.3 FILE.jsonl [--json OUT] [--seed N]`: the adaptation curve on errors with labels of other
 *  people's making (see label-set.ts for the formats). With origins, whole origins are held out and a random share of their rows comes
 *  back as operators' labels; with times, the last 30 % are held out. Everything is chosen on inner folds of the training rows. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { findRecord } from "../evaluate/find-record.ts";
import { loadPretrained } from "../evaluate-errors/load-pretrained.ts";
import { encodeTexts, encodeWords } from "./features.ts";
import { type LabelSet, loadLabelSet } from "./label-set.ts";
import { innerByOrigin, type Study, type StudyRow, splitByOrigin, splitByTime, studyAdaptation } from "./study.ts";

const FOLDS = 5;
const TRAINED_SHARE = 0.7;
const STEPS = [0, 0.05, 0.1, 0.2, 0.3];

const USAGE = `usage: npm run evaluate -- errors --feedback 0.3 FILE.jsonl [--json OUT] [--seed 1]

  --feedback   the largest share of held-out rows whose labels operators give, 0 to 0.9`;

/** @param dataFolder where the public data is
 *  @throws RangeError for a wrong command line or a file of another format */
export async function runAdaptation(args: string[], dataFolder: string): Promise<void> {
  const { path, feedback, json, seed } = readArguments(args);
  const set = await loadLabelSet(findRecord(path, dataFolder, ["errors"]));
  const rows = await encode(set);
  const shares = [...STEPS.filter((step) => step < feedback), feedback];
  const isTimed = set.rows.every(({ created }) => created !== null);
  const log = (line: string): void => console.error(line);
  const study = isTimed
    ? studyAdaptation([splitByTime(byTime(set, rows), TRAINED_SHARE)], set.labels.length, {
        ...{ shares, seed, log },
        innerSplits: ({ training }) => [splitByTime(training, TRAINED_SHARE)],
      })
    : studyAdaptation(splitByOrigin(rows, FOLDS), set.labels.length, {
        ...{ shares, seed, log },
        innerSplits: innerByOrigin,
      });
  console.log(print(path, set, study, isTimed));
  if (json !== undefined) {
    const report = { path, rows: set.rows.length, labels: set.labels, unreadable: set.unreadable, seed, ...study };
    await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

function readArguments(args: string[]) {
  const options = {
    feedback: { type: "string" },
    json: { type: "string" },
    seed: { type: "string", default: "1" },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [path] = positionals;
    const [feedback, seed] = [Number(values.feedback), Number(values.seed)];
    if (path === undefined || positionals.length > 1) throw new RangeError("one file is wanted");
    if (!(feedback >= 0 && feedback <= 0.9))
      throw new RangeError(`--feedback must be 0 to 0.9, got ${values.feedback}`);
    if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed must be a whole number, got ${values.seed}`);
    return { path, feedback, json: values.json, seed };
  } catch (error) {
    throw new RangeError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

async function encode({ rows, labels }: LabelSet): Promise<StudyRow[]> {
  const { manifest, onnx } = await loadPretrained();
  const session = await createSession(onnx);
  try {
    const encoded = await encodeTexts(rows, { version: manifest.version, manifest, session });
    return encoded.map((text, index) => {
      const { origin, label, record } = rows[index]!;
      return { ...text, origin, target: labels.indexOf(label), words: encodeWords(record) };
    });
  } finally {
    await session.release();
  }
}

function byTime(set: LabelSet, rows: readonly StudyRow[]): StudyRow[] {
  const created = (index: number): string => set.rows[index]!.created ?? "";
  return [...rows.keys()].sort((a, b) => (created(a) < created(b) ? -1 : 1)).map((index) => rows[index]!);
}

function print(path: string, set: LabelSet, { curve, peer }: Study, isTimed: boolean): string {
  const split = isTimed
    ? "trained on the first 70 % by time, the rest held out"
    : `${FOLDS} folds of whole origins (the largest first, each to the smallest fold)`;
  const cells = (values: readonly string[]): string => values.map((value) => value.padStart(10)).join(" ");
  return [
    `${path}: ${set.rows.length} errors, ${set.labels.length} labels; ${split}` +
      (set.unreadable > 0 ? `; ${set.unreadable} lines are not JSON and were left out` : ""),
    "feedback: random share of the held-out rows whose labels operators gave; peer: TF-IDF of words and pairs, logistic regression",
    cells(["feedback", "scored", "accuracy", "macro-F1", "log loss", "peer's acc", "macro-F1", "log loss"]),
    ...curve.map(({ feedback, rows, ...scores }, at) => {
      const shown = [scores, peer[at]!].flatMap(({ accuracy, macroF1, logLoss }) => [accuracy, macroF1, logLoss]);
      return cells([`${Math.round(feedback * 100)} %`, String(rows), ...shown.map((value) => value.toFixed(3))]);
    }),
  ].join("\n");
}
