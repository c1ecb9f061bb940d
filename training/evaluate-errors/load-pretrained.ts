/** The newest shipped classifier, checked against the hash that its manifest states. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ClassifierManifest } from "../../models/classifier/manifest.ts";
import { classifierDefinition } from "../../services/platform/serving/definitions.ts";

const FOLDER = fileURLToPath(new URL("../../models/pretrained/error-classifier/", import.meta.url));

/** @throws Error when none is shipped or its bytes are not those of its manifest; CONFLICT for one of another encoder */
export async function loadPretrained(): Promise<{ manifest: ClassifierManifest; onnx: Uint8Array }> {
  const versions = await readdir(FOLDER);
  const newest = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest === undefined) throw new Error(`no classifier is shipped in ${FOLDER}`);
  const raw: unknown = JSON.parse(await readFile(`${FOLDER}${newest}/manifest.json`, "utf8"));
  const onnx = await readFile(`${FOLDER}${newest}/model.onnx`);
  const stated = typeof raw === "object" && raw !== null && "artifactSha256" in raw ? raw.artifactSha256 : undefined;
  if (createHash("sha256").update(onnx).digest("hex") !== stated)
    throw new Error(`${FOLDER}${newest}/model.onnx is not the file that its manifest names`);
  return { manifest: classifierDefinition.accept(raw), onnx };
}
