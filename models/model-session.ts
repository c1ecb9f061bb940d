/** How pure model code runs a network without knowing the runtime: ONNX Runtime in serving, a fake in tests. */
export interface Tensor {
  data: Float32Array;
  dims: readonly number[];
}

export interface ModelSession {
  /** Runs the graph. Names are the graph's own input and output names. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  /** the same network in two parts, by the name of the input behind which it was cut, where its graph allows that */
  readonly entered?: Readonly<Record<string, EnteredNetwork>>;
}

/** A network cut behind the affine maps and the trees by which its input enters. Inputs that are put together from a few parts then cost
 *  little: each part is mapped once, the trees are walked once, and only the rest of the network is run for every mixture of parts. */
export interface EnteredNetwork {
  entries: readonly NetworkEntry[];
  trees: readonly TreeEntry[];
  /** takes, in place of the input, `mix` of shape [n, parts], under each entry's name the mapped parts, shape [parts, columns], and under
   *  each tree entry's name its sums, shape [n, 1]; its outputs may be fewer */
  rest: Pick<ModelSession, "run">;
}

export const MIX_INPUT = "mix";

/** input · weight + bias */
export interface NetworkEntry {
  name: string;
  /** the graph's own name of the weight */
  weightName: string;
  columns: number;
  /** shape [width, columns] */
  weight: Float32Array;
  /** shape [columns] */
  bias: Float32Array | null;
}

export interface TreeEntry {
  name: string;
  trees: RegressionTrees;
}

/** Trees whose leaves add up, node by node: all lists have one entry per node, and children come after their parent. */
export interface RegressionTrees {
  /** the first node of each tree */
  roots: Int32Array;
  /** which input is looked at; -1: a leaf */
  column: Int32Array;
  threshold: Float32Array;
  /** where an input below the threshold leads, and where another one does */
  below: Int32Array;
  other: Int32Array;
  /** of a leaf */
  value: Float32Array;
}
