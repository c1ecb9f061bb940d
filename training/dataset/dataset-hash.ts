/** Names a dataset by its content: two jobs with the same hash saw the same examples in the same split. */
import { createHash } from "node:crypto";
import type { TrainingRows } from "../fit/training-rows.ts";

/** @returns SHA-256 in hex over spec, vectors, labels and split. Byte order is the machine's: little-endian everywhere we run. */
export function datasetHash(specHash: string, rows: TrainingRows): string {
  const hash = createHash("sha256").update(`harbinger dataset 1\n${specHash}\n${rows.atMs.length}\n`);
  const parts = [
    rows.vectors,
    rows.atMs,
    rows.entity,
    rows.windowsToOnset,
    rows.observedWindows,
    rows.classes ?? new Float32Array(0),
    rows.split.train,
    rows.split.calibration,
    rows.split.validation,
  ];
  for (const part of parts) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest("hex");
}
