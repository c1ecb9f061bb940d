/** The classifier as an ONNX graph (see models/classifier/network.ts for its inputs and outputs). The explanation shares the weights
 *  of the answer: it reads them transposed. */
import { ENCODER_WIDTH } from "../../models/classifier/encoder.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { createGraph } from "../export/onnx-writer.ts";
import type { NetworkWeights } from "./fit-network.ts";

const CLASSES = ERROR_CLASSES.length;

/** @returns the serialised graph */
export function exportNetwork(weights: NetworkWeights): Uint8Array {
  const graph = createGraph("error-classifier");
  const width = weights.hiddenBias.length;
  const linear = graph.constant("linear", weights.linear, [ENCODER_WIDTH, CLASSES]);
  const hidden = graph.constant("hidden", weights.hidden, [ENCODER_WIDTH, width]);
  const hiddenBias = graph.constant("hidden_bias", weights.hiddenBias, [width]);
  const output = graph.constant("output", weights.output, [width, CLASSES]);
  const bias = graph.constant("bias", weights.bias, [CLASSES]);

  const features = graph.input("features", ENCODER_WIDTH);
  const active = graph.relu(graph.add(graph.product(features, hidden), hiddenBias));
  const logits = graph.add(graph.add(graph.product(features, linear), graph.product(active, output)), bias);
  graph.output("logits", logits, CLASSES);

  const explained = graph.input("explained", ENCODER_WIDTH, "K");
  const direction = graph.input("direction", CLASSES, "K");
  // 1 where a hidden unit is active for the explained row, else 0: within that region the network is linear.
  const gate = graph.sign(graph.relu(graph.add(graph.product(explained, hidden), hiddenBias)));
  const throughHidden = graph.mul(graph.product(direction, output, { transposed: true }), gate);
  const gradient = graph.add(
    graph.product(direction, linear, { transposed: true }),
    graph.product(throughHidden, hidden, { transposed: true }),
  );
  graph.output("gradient", gradient, ENCODER_WIDTH, "K");
  // Enough to explain single tokens without the whole gradient.
  graph.output("slopes", throughHidden, width, "K");
  const columnOf = (name: string, values: Float32Array) => graph.constant(name, values, [values.length, 1]);
  const offset = graph.add(
    graph.product(direction, columnOf("bias_column", weights.bias)),
    graph.product(throughHidden, columnOf("hidden_bias_column", weights.hiddenBias)),
  );
  graph.output("offset", offset, 1, "K");
  return graph.build();
}
