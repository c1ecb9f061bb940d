/** Chooses what computes TensorFlow.js: the native library when it is installed and loads, else WebAssembly (SIMD), else plain
 *  JavaScript. The rest of training is the same code on each. */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

export type BackendName = "tensorflow" | "wasm" | "cpu";

export interface Backend {
  name: BackendName;
  /** why a faster one was not taken, one sentence each */
  notes: string[];
}

/** The alias under which the native library is an optional dependency (see docs/adr). */
const NATIVE_PACKAGE = "tfjs-node-native";

/** TensorFlow.js has one backend per process; this remembers which one we gave it. */
let chosen: Backend | null = null;

/** Selects exactly `only`, or keeps what was selected before, or takes the fastest backend that works.
 *  @throws Error when `only` is asked for and does not load */
export async function selectBackend(only?: BackendName): Promise<Backend> {
  // Without it the library advises on standard error to install what is an optional dependency here.
  tf.enableProdMode();
  if (chosen !== null && tf.getBackend() === chosen.name && (only === undefined || only === chosen.name)) return chosen;
  const order: BackendName[] = only === undefined ? ["tensorflow", "wasm", "cpu"] : [only];
  const notes: string[] = [];
  for (const name of order) {
    const problem = await activate(name);
    if (problem === null) {
      chosen = { name, notes };
      return chosen;
    }
    notes.push(`${name}: ${problem}`);
  }
  throw new Error(`no TensorFlow.js backend works: ${notes.join("; ")}`);
}

/** @returns null on success, else the reason */
async function activate(name: BackendName): Promise<string | null> {
  try {
    if (tf.getBackend() !== name) {
      if (name === "tensorflow") await import(NATIVE_PACKAGE);
      if (name === "wasm") setWasmPaths(wasmDirectory());
      if (!(await tf.setBackend(name))) return "it did not start";
    }
    await tf.ready();
    const sum = tf.tidy(() => tf.tensor1d([1, 2]).sum().dataSync()[0]);
    return sum === 3 ? null : "it does not compute";
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  }
}

function wasmDirectory(): string {
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  return join(dirname(main), sep);
}
