/** What a pipeline hands to the gate and the registry, whichever model it made. */
import type { ChampionComparison, GateInput } from "./gate/gate.ts";

export interface ChampionModel {
  version: string;
  manifest: unknown;
  onnx: Uint8Array;
}

export interface Candidate {
  /** JSON; what serving needs beside the graph */
  manifest: object;
  onnx: Uint8Array;
  metrics: Record<string, unknown>;
  gateInput: Omit<GateInput, "champion" | "championNote">;
  /** Scores the present champion on the candidate's own validation rows.
   *  @throws when that champion cannot read these rows (another feature spec or encoder): it is then not compared, and the verdict
   *  says why */
  compare(champion: ChampionModel): Promise<ChampionComparison>;
  /** SHA-256 over the examples it was fitted and judged on, hex */
  datasetHash: string;
  /** what the model card says beyond the numbers: data, intended use, limits; Markdown paragraphs */
  notes: string[];
}
