/** Writes ONNX graphs of the few operators that our models need. A graph is a list of steps over named values; weights become
 *  initialisers. IR version 8, opset 13, float32 throughout; nodes appear in the order in which they were added, so the same
 *  calls give the same bytes. */
import type { onnx as OnnxNamespace } from "onnx-proto";
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
const { ModelProto, TensorProto, AttributeProto } = onnx;

const IR_VERSION = 8;
const OPSET_VERSION = 13;
/** The domain of trees. */
const ML_DOMAIN = "ai.onnx.ml";
const ML_OPSET_VERSION = 1;

/** A decision in a regression tree. Node 0 is the root. */
interface GraphTreeNode {
  /** column of the input; -1: a leaf */
  column: number;
  /** a value below goes left */
  threshold: number;
  left: number;
  right: number;
  /** of a leaf */
  value: number;
}

/** The name of a value in the graph. */
type ValueName = string & { readonly valueName: unique symbol };

export interface GraphBuilder {
  /** A graph input of shape [rows, width]. @param rows name of the batch size, default `N`; inputs that vary apart need names apart */
  input(name: string, width: number, rows?: string): ValueName;
  /** A weight. @param data row-major @param shape its product is the length of `data` */
  constant(name: string, data: Float32Array, shape: readonly number[]): ValueName;
  /** x · weight (+ bias): [N, in] → [N, out]. @param weight row-major [in, out] @param bias [out] */
  dense(x: ValueName, weight: Float32Array, dims: { in: number; out: number }, bias?: Float32Array): ValueName;
  /** x · weight, or x · weightᵀ. @param weight from `constant`, so that one weight can serve several steps */
  product(x: ValueName, weight: ValueName, options?: { transposed?: boolean }): ValueName;
  /** Sum of regression trees: [N, in] → [N, 1]. @param trees at least one */
  trees(x: ValueName, trees: readonly (readonly GraphTreeNode[])[]): ValueName;
  relu(x: ValueName): ValueName;
  /** −1, 0 or 1 */
  sign(x: ValueName): ValueName;
  sigmoid(x: ValueName): ValueName;
  softmax(x: ValueName): ValueName;
  add(a: ValueName, b: ValueName): ValueName;
  mul(a: ValueName, b: ValueName): ValueName;
  /** along the last axis */
  concat(values: readonly ValueName[]): ValueName;
  /** Names a value as a graph output of shape [rows, width]. @param rows as for `input` */
  output(name: string, value: ValueName, width: number, rows?: string): void;
  /** @returns the serialised model */
  build(): Uint8Array;
}

/** @param name the graph's name, shown by viewers
 *  @example
 *      const graph = createGraph("toy");
 *      const x = graph.input("features", 2);
 *      graph.output("sum", graph.dense(x, Float32Array.of(1, 1), { in: 2, out: 1 }), 1);
 *      graph.build(); */
export function createGraph(name: string): GraphBuilder {
  const nodes: OnnxNamespace.INodeProto[] = [];
  const initializer: OnnxNamespace.ITensorProto[] = [];
  const inputs: OnnxNamespace.IValueInfoProto[] = [];
  const outputs: OnnxNamespace.IValueInfoProto[] = [];
  let counter = 0;
  let hasTrees = false;

  // A string becomes a value's name only here and in `input`.
  const nameOf = (text: string): ValueName => text as ValueName;
  const apply = (
    opType: string,
    operands: readonly ValueName[],
    attribute: OnnxNamespace.IAttributeProto[] = [],
    domain = "",
  ): ValueName => {
    counter += 1;
    const result = nameOf(`${opType.toLowerCase()}_${counter}`);
    nodes.push({ opType, name: result, input: [...operands], output: [result], attribute, domain });
    return result;
  };

  const constant: GraphBuilder["constant"] = (label, data, shape) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (size !== data.length)
      throw new RangeError(`constant ${label} has ${data.length} values, its shape needs ${size}`);
    const bytes = new Uint8Array(data.length * 4);
    new Float32Array(bytes.buffer).set(data);
    initializer.push({ name: label, dataType: TensorProto.DataType.FLOAT, dims: [...shape], rawData: bytes });
    return nameOf(label);
  };

  return {
    input(label, width, rows) {
      inputs.push(rowsOf(label, width, rows));
      return nameOf(label);
    },
    constant,
    dense(x, weight, dims, bias) {
      counter += 1;
      const operands = [x, constant(`weight_${counter}`, weight, [dims.in, dims.out])];
      if (bias !== undefined) operands.push(constant(`bias_${counter}`, bias, [dims.out]));
      return apply("Gemm", operands);
    },
    product: (x, weight, { transposed = false } = {}) => apply("Gemm", [x, weight], transposed ? [transposeB()] : []),
    trees(x, trees) {
      hasTrees = true;
      return apply("TreeEnsembleRegressor", [x], treeAttributes(trees), ML_DOMAIN);
    },
    relu: (x) => apply("Relu", [x]),
    sign: (x) => apply("Sign", [x]),
    sigmoid: (x) => apply("Sigmoid", [x]),
    softmax: (x) => apply("Softmax", [x], [lastAxis()]),
    add: (a, b) => apply("Add", [a, b]),
    mul: (a, b) => apply("Mul", [a, b]),
    concat: (values) => apply("Concat", values, [lastAxis()]),
    output(label, value, width, rows) {
      nodes.push({ opType: "Identity", name: label, input: [value], output: [label] });
      outputs.push(rowsOf(label, width, rows));
    },
    build: () =>
      ModelProto.encode({
        irVersion: IR_VERSION,
        producerName: "harbinger",
        opsetImport: [
          { domain: "", version: OPSET_VERSION },
          ...(hasTrees ? [{ domain: ML_DOMAIN, version: ML_OPSET_VERSION }] : []),
        ],
        graph: { name, node: nodes, initializer, input: inputs, output: outputs },
      }).finish(),
  };

  function lastAxis(): OnnxNamespace.IAttributeProto {
    return { name: "axis", type: AttributeProto.AttributeType.INT, i: -1 };
  }

  function transposeB(): OnnxNamespace.IAttributeProto {
    return { name: "transB", type: AttributeProto.AttributeType.INT, i: 1 };
  }
}

/** The nodes of all trees side by side, as TreeEnsembleRegressor wants them. */
function treeAttributes(trees: readonly (readonly GraphTreeNode[])[]): OnnxNamespace.IAttributeProto[] {
  const all = trees.flatMap((nodes, tree) => nodes.map((node, id) => ({ ...node, tree, id })));
  const leaves = all.filter(({ column }) => column < 0);
  const { INT, INTS, FLOATS, STRINGS } = AttributeProto.AttributeType;
  const ints = (name: string, values: number[]) => ({ name, type: INTS, ints: values });
  const floats = (name: string, values: number[]) => ({ name, type: FLOATS, floats: values });
  const text = new TextEncoder();
  const modes = all.map(({ column }) => text.encode(column < 0 ? "LEAF" : "BRANCH_LT"));
  const orZero = (child: number): number => Math.max(0, child);
  return [
    { name: "n_targets", type: INT, i: 1 },
    ints(
      "nodes_treeids",
      all.map(({ tree }) => tree),
    ),
    ints(
      "nodes_nodeids",
      all.map(({ id }) => id),
    ),
    ints(
      "nodes_featureids",
      all.map(({ column }) => orZero(column)),
    ),
    floats(
      "nodes_values",
      all.map(({ threshold }) => threshold),
    ),
    { name: "nodes_modes", type: STRINGS, strings: modes },
    ints(
      "nodes_truenodeids",
      all.map(({ left }) => orZero(left)),
    ),
    ints(
      "nodes_falsenodeids",
      all.map(({ right }) => orZero(right)),
    ),
    ints(
      "target_treeids",
      leaves.map(({ tree }) => tree),
    ),
    ints(
      "target_nodeids",
      leaves.map(({ id }) => id),
    ),
    ints(
      "target_ids",
      leaves.map(() => 0),
    ),
    floats(
      "target_weights",
      leaves.map(({ value }) => value),
    ),
  ];
}

/** [rows, width] with a free batch size */
function rowsOf(name: string, width: number, rows = "N"): OnnxNamespace.IValueInfoProto {
  const dim = [{ dimParam: rows }, { dimValue: width }];
  return { name, type: { tensorType: { elemType: TensorProto.DataType.FLOAT, shape: { dim } } } };
}
