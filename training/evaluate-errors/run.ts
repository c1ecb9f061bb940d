/** `npm run evaluate -- errors --train A.jsonl|pretrained --test B.jsonl [--json OUT] [--seed N]`: rules, model, memory and their pool on
 *  labelled errors of the reader's own. With `pretrained` the shipped model answers as it is and the memory is empty; with a file, a
 *  model is trained on it beside the shipped catalogue and rules, and its errors are remembered as if an operator had labelled each.
 *  Correct means `class` or one of `also`. `--feedback` is another study: see training/adaptation. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type LabelledError, loadLabelledErrors } from "../../datasets/errors/labelled-error.ts";
import { createLabelMemory, type LabelMemory } from "../../models/fusion/label-memory.ts";
import type { ModelVoice } from "../../services/platform/classification/model-voice.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { memoryOfErrors } from "../classifier/memory-of-errors.ts";
import { loadShippedRows } from "../classifier/shipped-rows.ts";
import { trainErrorClassifier } from "../classifier/train-error-classifier.ts";
import { rowsOfErrors } from "../classifier/training-rows.ts";
import { createRandom } from "../random.ts";
import { evaluateVoices } from "./evaluate-voices.ts";
import { loadPretrained } from "./load-pretrained.ts";
import { printReport } from "./print-report.ts";

const USAGE =
  "usage: npm run evaluate -- errors --train FILE.jsonl|pretrained --test FILE.jsonl [--json OUT] [--seed 1]";

/** @throws RangeError for a wrong command line or a file that does not hold labelled errors */
export async function runErrorsEvaluation(args: string[]): Promise<void> {
  if (args.includes("--feedback")) return (await import("../adaptation/run.ts")).runAdaptation(args);
  const { train, test, json, seed } = readArguments(args);
  const errors = await readErrors(test);
  const { voice, memory, close } = await prepare(train, seed);
  try {
    const random = createRandom(seed);
    const report = await evaluateVoices(errors, { train, test, voice, memory, random, now: () => performance.now() });
    console.log(printReport(report));
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await close();
  }
}

function readArguments(args: string[]): { train: string; test: string; json: string | undefined; seed: number } {
  const options = {
    train: { type: "string" },
    test: { type: "string" },
    json: { type: "string" },
    seed: { type: "string", default: "1" },
  } as const;
  const { train, test, json, seed } = parseOrExplain(() => parseArgs({ args, options }).values);
  if (train === undefined || test === undefined) throw new RangeError(USAGE);
  if (!/^\d{1,9}$/.test(seed)) throw new RangeError(`--seed must be a whole number, got ${seed}`);
  return { train, test, json, seed: Number(seed) };
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

interface Prepared {
  voice: ModelVoice;
  memory: LabelMemory;
  close(): Promise<void>;
}

async function prepare(train: string, seed: number): Promise<Prepared> {
  if (train === "pretrained") {
    const { manifest, onnx } = await loadPretrained();
    const session = await createSession(onnx);
    return {
      voice: { version: manifest.version, manifest, session },
      memory: createLabelMemory([]),
      close: () => session.release(),
    };
  }
  const labelled = rowsOfErrors(await readErrors(train));
  const { background } = await loadShippedRows(seed);
  const trained = await trainErrorClassifier(
    { labelled, background },
    { seed, version: "trained-here", log: console.error },
  );
  const session = await createSession(trained.onnx);
  return {
    voice: { version: "trained-here", manifest: trained.manifest, session },
    memory: memoryOfErrors(labelled),
    close: () => session.release(),
  };
}
