/** Where a served model lives: one slot per model name. A state holds only what is valid in it. */
import type { ModelSession } from "../../../models/model-session.ts";
import type { HarbingerError } from "../errors.ts";

/** A version's number in the registry as text ("1", "2", …), or a shipped version's directory name. */
export type ModelVersion = string;

export type ModelSource = "registry" | "pretrained";

export interface ServedModel<Manifest> {
  version: ModelVersion;
  source: ModelSource;
  manifest: Manifest;
  /** Markdown; empty when none came with the model */
  card: string;
  session: ModelSession;
}

/** A version that should have been served and could not be. */
export interface Refusal {
  version: ModelVersion;
  error: HarbingerError;
}

export type ModelSlot<Manifest> =
  /** No version is the champion and none is shipped: the prior answers. */
  | { state: "empty" }
  /** `refused`: a newer champion that was refused; this one keeps serving. */
  | ({ state: "ready"; refused: Refusal | null } & ServedModel<Manifest>)
  /** `next` is being checked and warmed; the old one still answers. */
  | ({ state: "swapping"; next: ModelVersion } & ServedModel<Manifest>)
  /** The champion was refused and there was nothing before it. */
  | ({ state: "failed" } & Refusal);

/** @returns the model that answers now, or null when there is none (empty or failed) */
export function servedModel<Manifest>(slot: ModelSlot<Manifest>): ServedModel<Manifest> | null {
  return slot.state === "ready" || slot.state === "swapping" ? slot : null;
}
