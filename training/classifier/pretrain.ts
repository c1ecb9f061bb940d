/** Makes the shipped classifier from datasets/errors and writes it to models/pretrained/error-classifier/<version>/. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { writeClassifierCard } from "./classifier-card.ts";
import { loadShippedRows } from "./shipped-rows.ts";
import { trainErrorClassifier } from "./train-error-classifier.ts";

const FOLDER = fileURLToPath(new URL("../../models/pretrained/error-classifier/", import.meta.url));

/** Raise it with every release of another model: versions are immutable once released. */
const VERSION = "3";

export async function pretrain({ seed, log }: { seed: number; log: (line: string) => void }): Promise<void> {
  const trained = await trainErrorClassifier(await loadShippedRows(seed), { seed, version: VERSION, log });
  const folder = `${FOLDER}${VERSION}`;
  await mkdir(folder, { recursive: true });
  const artifactSha256 = createHash("sha256").update(trained.onnx).digest("hex");
  await writeFile(`${folder}/model.onnx`, trained.onnx);
  await writeFile(`${folder}/manifest.json`, `${JSON.stringify({ ...trained.manifest, artifactSha256 }, null, 2)}\n`);
  await writeFile(`${folder}/MODEL_CARD.md`, writeClassifierCard(trained, artifactSha256));
  log(`${folder}: ${JSON.stringify(trained.metrics, null, 2)}`);
}
