/** `npm run train -- error-classifier --pretrained`: makes the shipped classifier from datasets/errors and writes it to
 *  models/pretrained/error-classifier/<version>/. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeClassifierCard } from "./classifier-card.ts";
import { loadShippedRows } from "./shipped-rows.ts";
import { trainErrorClassifier } from "./train-error-classifier.ts";

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    out: {
      type: "string",
      default: fileURLToPath(new URL("../../models/pretrained/error-classifier/", import.meta.url)),
    },
    pretrained: { type: "boolean" },
  },
});

const seed = Number(values.seed);
const trained = await trainErrorClassifier(await loadShippedRows(seed), {
  seed,
  version: values.version,
  log: console.error,
});
const folder = `${values.out.replace(/\/$/, "")}/${values.version}`;
await mkdir(folder, { recursive: true });
const artifactSha256 = createHash("sha256").update(trained.onnx).digest("hex");
await writeFile(`${folder}/model.onnx`, trained.onnx);
await writeFile(`${folder}/manifest.json`, `${JSON.stringify({ ...trained.manifest, artifactSha256 }, null, 2)}\n`);
await writeFile(`${folder}/MODEL_CARD.md`, writeClassifierCard(trained, artifactSha256));
console.log(`${folder}: ${JSON.stringify(trained.metrics, null, 2)}`);
