/** What a pipeline hands to the gate and the registry, whichever model it made. */
import type { GateInput } from "./gate/gate.ts";

export interface Candidate {
  /** JSON; what serving needs beside the graph */
  manifest: object;
  onnx: Uint8Array;
  metrics: Record<string, unknown>;
  gateInput: GateInput;
  /** SHA-256 over the examples it was fitted and judged on, hex */
  datasetHash: string;
  /** what the model card says beyond the numbers: data, intended use, limits; Markdown paragraphs */
  notes: string[];
}
