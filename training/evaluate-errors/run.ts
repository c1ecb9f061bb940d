/** `npm run evaluate -- errors [--train A.jsonl|pretrained --test B.jsonl] [--json OUT] [--seed N]`: rules, model, memory and their pool on
 *  labelled errors. Without files it is the held-out third of faultlab.jsonl, by a model that is fitted here without those families. With
 *  files they are the reader's own: with `pretrained` the shipped model answers as it is and the memory is empty; with a file, a
 *  model is trained on it beside the shipped catalogue and rules, and its errors are remembered as if an operator had labelled each.
 *  Correct means `class` or one of `also`. `--feedback` is another study: see training/adaptation. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { isHeldOutFamily, type LabelledError, loadLabelledErrors } from "../../datasets/errors/labelled-error.ts";
import { createLabelMemory, type LabelMemory } from "../../models/fusion/label-memory.ts";
import type { ModelVoice } from "../../services/platform/classification/model-voice.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { memoryOfErrors } from "../classifier/memory-of-errors.ts";
import { FAULTLAB, loadShippedRows } from "../classifier/shipped-rows.ts";
import { type ClassifierRows, trainErrorClassifier } from "../classifier/train-error-classifier.ts";
import { rowsOfErrors } from "../classifier/training-rows.ts";
import { findRecord } from "../evaluate/find-record.ts";
import { createRandom } from "../random.ts";
import { evaluateVoices } from "./evaluate-voices.ts";
import { loadPretrained } from "./load-pretrained.ts";
import { printReport } from "./print-report.ts";

const USAGE = `usage: npm run evaluate -- errors [--json OUT] [--seed 1]
         the held-out third of faultlab.jsonl, by a model fitted without it
       npm run evaluate -- errors --train FILE.jsonl|pretrained --test FILE.jsonl …
         files are also looked for below HARBINGER_DATA_DIR (default ../shared/data)
       npm run evaluate -- errors --feedback 0.3 FILE.jsonl …`;

/** @param dataFolder where the public data is
 *  @throws RangeError for a wrong command line or a file that does not hold labelled errors */
export async function runErrorsEvaluation(args: string[], dataFolder: string): Promise<void> {
  if (args.includes("--feedback")) return (await import("../adaptation/run.ts")).runAdaptation(args, dataFolder);
  const { files, json, seed } = readArguments(args);
  const { train, test, errors, voice, memory, close } =
    files === null ? await heldOutThird(seed) : await namedFiles(files, dataFolder, seed);
  try {
    const random = createRandom(seed);
    const report = await evaluateVoices(errors, { train, test, voice, memory, random, now: () => performance.now() });
    console.log(printReport(report));
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await close();
  }
}

interface Arguments {
  /** null: none are named */
  files: { train: string; test: string } | null;
  json: string | undefined;
  seed: number;
}

function readArguments(args: string[]): Arguments {
  const options = {
    train: { type: "string" },
    test: { type: "string" },
    json: { type: "string" },
    seed: { type: "string", default: "1" },
  } as const;
  const { train, test, json, seed } = parseOrExplain(() => parseArgs({ args, options }).values);
  if (!/^\d{1,9}$/.test(seed)) throw new RangeError(`--seed must be a whole number, got ${seed}`);
  if (train === undefined && test === undefined) return { files: null, json, seed: Number(seed) };
  if (train === undefined || test === undefined) throw new RangeError(USAGE);
  return { files: { train, test }, json, seed: Number(seed) };
}

function parseOrExplain<Values>(parse: () => Values): Values {
  try {
    return parse();
  } catch (error) {
    throw new RangeError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

async function readErrors(path: string): Promise<LabelledError[]> {
  const errors = await loadLabelledErrors(path);
  if (errors.length === 0) throw new RangeError(`${path} holds no labelled errors`);
  return errors;
}

interface Answering {
  voice: ModelVoice;
  memory: LabelMemory;
  close(): Promise<void>;
}

interface Evaluation extends Answering {
  /** what the report calls them */
  train: string;
  test: string;
  errors: LabelledError[];
}

async function namedFiles(
  { train, test }: { train: string; test: string },
  dataFolder: string,
  seed: number,
): Promise<Evaluation> {
  const find = (path: string) => findRecord(path, dataFolder, ["errors"]);
  const errors = await readErrors(find(test));
  if (train === "pretrained") return { train, test, errors, ...(await usePretrained()) };
  const labelled = rowsOfErrors(await readErrors(find(train)));
  const { background } = await loadShippedRows(seed);
  return { train, test, errors, ...(await trainHere({ labelled, background }, memoryOfErrors(labelled), seed)) };
}

/** Nothing is fitted to the families that are asked about, nor do rules or catalogue know them. */
async function heldOutThird(seed: number): Promise<Evaluation> {
  const isSeen = ({ family }: { family: string }) => !isHeldOutFamily(family);
  const all = await readErrors(FAULTLAB);
  const { labelled, background } = await loadShippedRows(seed);
  const memory = memoryOfErrors(rowsOfErrors(all.filter(isSeen)));
  return {
    train: "all but the held-out third",
    test: "faultlab.jsonl, the held-out third",
    errors: all.filter((error) => !isSeen(error)),
    ...(await trainHere({ labelled: labelled.filter(isSeen), background }, memory, seed)),
  };
}

async function usePretrained(): Promise<Answering> {
  const { manifest, onnx } = await loadPretrained();
  const session = await createSession(onnx);
  return {
    voice: { version: manifest.version, manifest, session },
    memory: createLabelMemory([]),
    close: () => session.release(),
  };
}

async function trainHere(rows: ClassifierRows, memory: LabelMemory, seed: number): Promise<Answering> {
  const trained = await trainErrorClassifier(rows, { seed, version: "trained-here", log: console.error });
  const session = await createSession(trained.onnx);
  return {
    voice: { version: "trained-here", manifest: trained.manifest, session },
    memory,
    close: () => session.release(),
  };
}
