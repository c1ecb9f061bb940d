/** What serving needs to know beside the graph of an error classifier. The encoder's hash ties the graph to the code that makes its
 *  input: a model never meets vectors of another encoder. */
import type { NoveltyReference } from "../drift/novelty.ts";
import type { FusionWeights } from "../fusion/fusion-weights.ts";
import type { ErrorClass } from "../taxonomy/classes.ts";
import { ENCODER_RECIPE } from "./encoder.ts";
import { hashHex } from "./hashing.ts";

export const CLASSIFIER_ENCODER_HASH: string = hashHex(ENCODER_RECIPE);

export interface ClassifierManifest {
  name: "error-classifier";
  version: string;
  taxonomyVersion: number;
  /** order of the outputs */
  classes: readonly ErrorClass[];
  encoderHash: string;
  /** D, the length of an encoded error */
  inputWidth: number;
  /** softmax temperature fitted on families that the fit never saw; > 0 */
  temperature: number;
  /** weights of the logarithmic pool, fitted on the same families */
  fusion: FusionWeights;
  /** what training held, to tell an unknown kind of error; absent from versions before there was such a thing */
  novelty?: NoveltyReference;
  seed: number;
  trainedOn: {
    rows: number;
    /** hash over ids and labels of all rows */
    datasetHash: string;
    /** families seen in training, so that an evaluation can warn of overlap */
    families: string[];
  };
}
