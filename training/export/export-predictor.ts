/** The whole ensemble as one ONNX graph: `features` [N, I] → `hazard_logits` [N, K·B] and `class_logits` [N, C]. Boosted trees, where they
 *  have a say, are averaged with every member in log-odds, so that the members' mean is the average and their spread is kept. */
import { PREDICTOR_CLASS_OUTPUT, PREDICTOR_HAZARD_OUTPUT, PREDICTOR_INPUT } from "../../models/predictor/manifest.ts";
import type { BoostedHazards } from "../fit/fit-boosted.ts";
import type { HazardWeights } from "../fit/hazard-network.ts";
import { createGraph } from "./onnx-writer.ts";

/** What trees say beside the network. */
export interface TreeVoice {
  boosted: BoostedHazards;
  /** of the log-odds in the buckets that they cover, in (0, 1] */
  share: number;
}

/** @returns the serialised graph; equal weights give equal bytes */
export function exportPredictor(weights: HazardWeights, voice: TreeVoice | null = null): Uint8Array {
  const { width, buckets, members, hidden, classes } = weights;
  const units = members * hidden;
  const columns = members * buckets;
  const treeShares = Float32Array.from({ length: columns }, (_, column) =>
    voice !== null && column % buckets < voice.boosted.bias.length ? voice.share : 0,
  );
  const ofNetwork = (matrix: Float32Array): Float32Array =>
    matrix.map((weight, index) => weight * (1 - treeShares[index % columns]!));
  const graph = createGraph("failure-predictor");
  const x = graph.input(PREDICTOR_INPUT, width);
  const active = graph.relu(graph.dense(x, weights.hiddenWeight, { in: width, out: units }, weights.hiddenBias));
  let hazard = graph.add(
    graph.dense(x, ofNetwork(weights.linearWeight), { in: width, out: columns }, ofNetwork(weights.bias)),
    graph.dense(active, ofNetwork(weights.outWeight), { in: units, out: columns }),
  );
  if (voice !== null && voice.boosted.trees.length > 0) {
    const bias = treeShares.map((share, column) => share * (voice.boosted.bias[column % buckets] ?? 0));
    const score = graph.trees(x, voice.boosted.trees);
    hazard = graph.add(hazard, graph.dense(score, treeShares, { in: 1, out: columns }, bias));
  }
  const classLogits = graph.add(
    graph.dense(x, weights.classLinear, { in: width, out: classes }, weights.classBias),
    graph.dense(active, weights.classHidden, { in: units, out: classes }),
  );
  graph.output(PREDICTOR_HAZARD_OUTPUT, hazard, columns);
  graph.output(PREDICTOR_CLASS_OUTPUT, classLogits, classes);
  return graph.build();
}
