/** ONNX Runtime behind the `ModelSession` that the pure models know. CPU only: the networks here are small, and one row costs
 *  microseconds, so one intra-op thread per session answers faster than a pool would wake up. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { EnteredNetwork, ModelSession, Tensor } from "../../../models/model-session.ts";
import { HarbingerError } from "../errors.ts";
import { enterGraph } from "./enter-graph.ts";

export interface OwnedSession extends ModelSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Frees the native memory. Nothing may run afterwards; the caller waits for what is in flight (see leased-session.ts). */
  release(): Promise<void>;
}

export interface SessionOptions {
  /** threads that one operator may use; default 1 */
  intraOpThreads?: number;
  /** also opens the graph in two parts (`entered`), at each of these where it allows that */
  enterAt?: readonly EntryPoint[];
}

/** Where a graph is to be cut: behind this input, keeping these outputs. */
export interface EntryPoint {
  input: string;
  outputs: readonly string[];
}

/** Opens a graph for running. Only float32 tensors cross this border.
 *  @param bytes a serialised ONNX model
 *  @throws ARTIFACT_CORRUPT when the bytes are not a graph that this runtime accepts; SHAPE_MISMATCH and BUG from `run` */
export async function createSession(bytes: Uint8Array, options: SessionOptions = {}): Promise<OwnedSession> {
  const threads = options.intraOpThreads ?? 1;
  const native = await open(bytes, threads);
  const entered: Record<string, EnteredNetwork> = {};
  const opened = [native];
  for (const { input, outputs } of options.enterAt ?? []) {
    const graph = enterGraph(bytes, input, outputs);
    if (graph === null) continue;
    const rest = await open(graph.bytes, threads);
    opened.push(rest);
    entered[input] = { entries: graph.entries, trees: graph.trees, rest: { run: (feeds) => run(rest, feeds) } };
  }
  return {
    inputNames: native.inputNames,
    outputNames: native.outputNames,
    run: (feeds) => run(native, feeds),
    ...(opened.length > 1 && { entered }),
    release: async () => {
      await Promise.all(opened.map((one) => one.release()));
    },
  };
}

async function open(bytes: Uint8Array, intraOpNumThreads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      intraOpNumThreads,
      interOpNumThreads: 1,
      // Errors only: a warning about a graph is found by the export's contract test, not by a line in production.
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new HarbingerError("ARTIFACT_CORRUPT", "the model file is not a graph that ONNX Runtime accepts", { cause });
  }
}

async function run(native: InferenceSession, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const inputs: Record<string, OrtTensor> = {};
  for (const [name, tensor] of Object.entries(feeds)) inputs[name] = toNative(name, tensor);
  let outputs: InferenceSession.OnnxValueMapType;
  try {
    outputs = await native.run(inputs);
  } catch (cause) {
    throw new HarbingerError("BUG", "ONNX Runtime refused to run the graph with these inputs", {
      cause,
      details: { given: Object.keys(feeds), expected: native.inputNames },
    });
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, fromNative(name, value)]));
}

function toNative(name: string, tensor: Tensor): OrtTensor {
  const size = tensor.dims.reduce((product, dim) => product * dim, 1);
  if (size !== tensor.data.length) {
    throw new HarbingerError(
      "SHAPE_MISMATCH",
      `input ${name} has ${tensor.data.length} values, its shape needs ${size}`,
    );
  }
  return new OrtTensor("float32", tensor.data, tensor.dims);
}

function fromNative(name: string, value: InferenceSession.OnnxValueMapType[string]): Tensor {
  if (value instanceof OrtTensor && value.data instanceof Float32Array) return { data: value.data, dims: value.dims };
  throw new HarbingerError("BUG", `output ${name} is not a float32 tensor`);
}
