/** What the host must know about a kind of model to serve it: how to read its manifest, whether this code can feed it, and one
 *  input to warm it with. */
import type { Tensor } from "../../../models/model-session.ts";
import { HarbingerError } from "../errors.ts";
import type { EntryPoint } from "./onnx-session.ts";

export interface ModelDefinition<Manifest> {
  /** name in the registry and of the folder of shipped versions */
  name: string;
  /** @throws CONFLICT with a sentence when this code cannot feed such a model */
  accept(manifest: unknown): Manifest;
  /** for models whose inputs are sparse, or made of a few parts */
  enterAt?: readonly EntryPoint[];
  /** one row of input; running it must succeed before the model serves */
  warmUp(manifest: Manifest): Record<string, Tensor>;
}

/** @throws CONFLICT unless both hashes are equal */
export function requireSameHash(what: string, theirs: unknown, ours: string): void {
  if (theirs === ours) return;
  throw new HarbingerError(
    "CONFLICT",
    `the model was fitted with another ${what} (${String(theirs)}) than this program's (${ours})`,
    {
      details: { model: theirs, program: ours },
    },
  );
}
