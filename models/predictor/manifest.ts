/** Everything that serving needs to know about a failure predictor beside its ONNX graph. The graph takes `features` [N, scaler.width]
 *  and gives `hazard_logits` [N, members * edges.length] (member by member) and `class_logits` [N, classes.length]. */
import type { InputReference } from "../lifecycle/input-drift.ts";
import type { ErrorClass } from "../taxonomy/classes.ts";
import type { Scaler } from "./encode.ts";
import type { HazardCalibration } from "./hazard.ts";

/** How a manifest is laid out; 1 had one slope for all buckets. */
export const PREDICTOR_FORMAT = 2;

export const PREDICTOR_INPUT = "features";
export const PREDICTOR_HAZARD_OUTPUT = "hazard_logits";
export const PREDICTOR_CLASS_OUTPUT = "class_logits";

export interface PredictorManifest {
  kind: "failure-predictor";
  format: typeof PREDICTOR_FORMAT;
  /** hash of the feature spec whose vectors the model reads */
  specHash: string;
  /** window size of the training data; horizons are counted in windows */
  windowSizeMs: number;
  /** ensemble members in the graph */
  members: number;
  /** bucket edges in windows */
  edges: number[];
  scaler: Scaler;
  calibration: HazardCalibration;
  /** per feature what an ordinary row shows, null when ordinarily missing; explanations measure from it */
  expected: (number | null)[];
  /** class_logits' order; empty when training saw no classes, then the head is not to be read */
  classes: ErrorClass[];
  uncertainty: PredictorUncertainty;
  /** what inputs were like in training; absent when there were too few to say */
  reference?: InputReference;
}

/** What remains unsure after calibration, in log-odds. */
interface PredictorUncertainty {
  /** standard deviation of the level in log-odds: standard error on the calibration slice, and the fleet's drift from there on */
  calibrationDeviation: number;
  /** factor from the members' deviation to an error; > 1 when members agree more than they should */
  spreadScale: number;
}
