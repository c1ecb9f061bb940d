/** The whole ensemble as one ONNX graph: `features` [N, I] → `hazard_logits` [N, K·B] and `class_logits` [N, C]. */
import { PREDICTOR_CLASS_OUTPUT, PREDICTOR_HAZARD_OUTPUT, PREDICTOR_INPUT } from "../../models/predictor/manifest.ts";
import type { HazardWeights } from "../fit/hazard-network.ts";
import { createGraph } from "./onnx-writer.ts";

/** @returns the serialised graph; equal weights give equal bytes */
export function exportPredictor(weights: HazardWeights): Uint8Array {
  const { width, buckets, members, hidden, classes } = weights;
  const units = members * hidden;
  const columns = members * buckets;
  const graph = createGraph("failure-predictor");
  const x = graph.input(PREDICTOR_INPUT, width);
  const active = graph.relu(graph.dense(x, weights.hiddenWeight, { in: width, out: units }, weights.hiddenBias));
  const hazard = graph.add(
    graph.dense(x, weights.linearWeight, { in: width, out: columns }, weights.bias),
    graph.dense(active, weights.outWeight, { in: units, out: columns }),
  );
  const classLogits = graph.add(
    graph.dense(x, weights.classLinear, { in: width, out: classes }, weights.classBias),
    graph.dense(active, weights.classHidden, { in: units, out: classes }),
  );
  graph.output(PREDICTOR_HAZARD_OUTPUT, hazard, columns);
  graph.output(PREDICTOR_CLASS_OUTPUT, classLogits, classes);
  return graph.build();
}
