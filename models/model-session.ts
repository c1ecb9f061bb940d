/** How pure model code runs a network without knowing the runtime: ONNX Runtime in serving, a fake in tests. */
export interface Tensor {
  data: Float32Array;
  dims: readonly number[];
}

export interface ModelSession {
  /** Runs the graph. Names are the graph's own input and output names. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}
