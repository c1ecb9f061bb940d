/** Cuts an ONNX graph behind the steps by which one input enters it: affine maps, `Gemm(input, W, b)` and `MatMul(input, W)` with constant
 *  weights, and regression trees. In what remains the maps' results are mixtures, mix · parts, of mapped parts that are given instead of the
 *  input, and the trees' sums are given too; what the asked outputs do not need is left out. Works on the bytes: fields that stay are
 *  copied as they are, so no operator needs to be known but those three.
 *
 *  Layout (onnx.proto3): ModelProto.graph = 7; GraphProto: node = 1, initializer = 5, input = 11, output = 12; NodeProto: input = 1,
 *  output = 2, op_type = 4, attribute = 5; TensorProto: dims = 1, data_type = 2, float_data = 4, name = 8, raw_data = 9;
 *  ValueInfoProto: name = 1, type = 2. */
import { MIX_INPUT, type NetworkEntry, type TreeEntry } from "../../../models/model-session.ts";
import { messageField, textField, varintField } from "../../../models/telemetry/wire-writer.ts";
import { fieldsOf, floatTensor, textOf, type WireField } from "./onnx-fields.ts";
import { readTrees } from "./onnx-trees.ts";

export interface EnteredGraph {
  entries: NetworkEntry[];
  trees: TreeEntry[];
  /** the rest, a graph of its own */
  bytes: Uint8Array;
}

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
const FLOAT = 1;

interface Node {
  field: WireField;
  opType: string;
  inputs: string[];
  outputs: string[];
  hasAttributes: boolean;
}

/** A step that the input enters by, with the name of the value that it gives. */
type Entry = { result: string; entry: NetworkEntry } | { result: string; trees: TreeEntry };

/** names of the free dimensions */
const ROWS = "N";
const PARTS = "P";

/** @param outputs names of the outputs that the rest must still give
 *  @returns null when an output is missing, the input enters in another way, or the graph is not one that this code can read */
export function enterGraph(model: Uint8Array, inputName: string, outputs: readonly string[]): EnteredGraph | null {
  const modelFields = fieldsOf(model);
  const graphField = modelFields.find(({ number }) => number === MODEL_GRAPH);
  if (graphField === undefined) return null;
  const graph = fieldsOf(graphField.payload);
  const nodes = graph.filter(({ number }) => number === GRAPH_NODE).map(readNode);
  const initializers = new Map(
    graph.filter(({ number }) => number === GRAPH_INITIALIZER).map((field) => [nameOf(field, 8), field]),
  );

  const given = graph.filter(({ number }) => number === GRAPH_OUTPUT).map((field) => nameOf(field, 1));
  if (outputs.some((name) => !given.includes(name))) return null;
  const entering = nodes.filter(({ inputs }) => inputs.includes(inputName));
  const entries = entering.map((node) => readEntry(node, inputName, initializers));
  if (entries.length === 0 || entries.some((entry) => entry === null)) return null;

  const kept = neededFor(outputs, nodes, new Set(entering));
  const used = new Set(kept.flatMap(({ inputs }) => inputs));
  const open = entries.flatMap((one) => (one !== null && used.has(one.result) ? [one] : []));
  const maps = open.flatMap((one) => ("entry" in one ? [one] : []));
  const trees = open.flatMap((one) => ("trees" in one ? [one.trees] : []));
  const keptFields = new Set(kept.map(({ field }) => field));
  const stays = (field: WireField): boolean => {
    if (field.number === GRAPH_NODE) return keptFields.has(field);
    if (field.number === GRAPH_INITIALIZER) return used.has(nameOf(field, 8));
    if (field.number === GRAPH_INPUT) return nameOf(field, 1) !== inputName && used.has(nameOf(field, 1));
    if (field.number === GRAPH_OUTPUT) return outputs.includes(nameOf(field, 1));
    return true;
  };
  const rest = join([
    // first, because nodes stand in an order in which they can run
    ...maps.map(({ result, entry }) => bytesOf(GRAPH_NODE, matrixProduct(MIX_INPUT, entry.name, result))),
    ...graph.filter(stays).map(({ whole }) => whole),
    bytesOf(GRAPH_INPUT, matrixInfo(MIX_INPUT, ROWS, PARTS)),
    ...maps.map(({ entry }) => bytesOf(GRAPH_INPUT, matrixInfo(entry.name, PARTS, entry.columns))),
    ...trees.map(({ name }) => bytesOf(GRAPH_INPUT, matrixInfo(name, ROWS, 1))),
  ]);
  const others = modelFields.filter((field) => field !== graphField).map(({ whole }) => whole);
  const entered = { entries: maps.map(({ entry }) => entry), trees };
  return { ...entered, bytes: join([...others, lengthDelimited(MODEL_GRAPH, rest)]) };
}

function readNode(field: WireField): Node {
  const parts = fieldsOf(field.payload);
  const texts = (number: number) => parts.filter((part) => part.number === number).map(textOf);
  return {
    field,
    opType: texts(4)[0] ?? "",
    inputs: texts(1),
    outputs: texts(2),
    hasAttributes: parts.some(({ number }) => number === 5),
  };
}

function readEntry(node: Node, inputName: string, initializers: ReadonlyMap<string, WireField>): Entry | null {
  const [x, weightName, biasName] = node.inputs;
  const [result] = node.outputs;
  if (result !== undefined && node.opType === "TreeEnsembleRegressor" && x === inputName) {
    const trees = readTrees(node.field.payload);
    return trees === null ? null : { result, trees: { name: result, trees } };
  }
  // Attributes would scale or transpose; our own export writes none on these.
  const isAffine =
    (node.opType === "Gemm" || (node.opType === "MatMul" && biasName === undefined)) && !node.hasAttributes;
  if (!isAffine || x !== inputName || result === undefined || node.outputs.length !== 1) return null;
  const weight = tensorNamed(weightName, initializers);
  const bias = biasName === undefined ? null : tensorNamed(biasName, initializers);
  if (weight === null || weight.dims.length !== 2) return null;
  const columns = weight.dims[1]!;
  if (biasName !== undefined && bias?.data.length !== columns) return null;
  return {
    result,
    entry: {
      name: `${result}_parts`,
      weightName: weightName ?? "",
      columns,
      weight: weight.data,
      bias: bias?.data ?? null,
    },
  };
}

function tensorNamed(name: string | undefined, initializers: ReadonlyMap<string, WireField>) {
  const field = name === undefined ? undefined : initializers.get(name);
  return field === undefined ? null : floatTensor(field.payload);
}

/** Nodes that the outputs need, without those that are cut off; ONNX lists nodes in an order in which they can run. */
function neededFor(outputs: readonly string[], nodes: readonly Node[], cut: ReadonlySet<Node>): Node[] {
  const wanted = new Set(outputs);
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (cut.has(node) || !node.outputs.some((name) => wanted.has(name))) continue;
    kept.unshift(node);
    for (const name of node.inputs) wanted.add(name);
  }
  return kept;
}

function nameOf(field: WireField, number: number): string {
  const part = fieldsOf(field.payload).find((one) => one.number === number);
  return part === undefined ? "" : textOf(part);
}

/** NodeProto of a · b. */
function matrixProduct(a: string, b: string, result: string): number[] {
  return [...textField(1, a), ...textField(1, b), ...textField(2, result), ...textField(4, "MatMul")];
}

/** ValueInfoProto of a float matrix: type.tensor_type.{elem_type, shape.dim}. */
function matrixInfo(name: string, rows: string, columns: string | number): number[] {
  const second = typeof columns === "string" ? textField(2, columns) : varintField(1, columns);
  const shape = [...messageField(1, textField(2, rows)), ...messageField(1, second)];
  const tensorType = [...varintField(1, FLOAT), ...messageField(2, shape)];
  return [...textField(1, name), ...messageField(2, messageField(1, tensorType))];
}

function bytesOf(number: number, content: readonly number[]): Uint8Array {
  return Uint8Array.from(messageField(number, content));
}

function lengthDelimited(number: number, content: Uint8Array): Uint8Array {
  // the head of a message field of that length: its tag and its length, without content
  const head: number[] = [(number << 3) | 2];
  let rest = content.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest % 0x80) | 0x80);
  head.push(rest);
  return join([Uint8Array.from(head), content]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
