/** From stored bytes to a model that may answer: hash, manifest, session, one warm-up run. Any step may refuse, and says why. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelSession } from "../../../models/model-session.ts";
import { HarbingerError } from "../errors.ts";
import type { Database } from "../store/database.ts";
import { type ModelAlias, readAlias, readArtifact, readVersion } from "../store/registry-store.ts";
import { type LeasedSession, leaseSession } from "./leased-session.ts";
import type { ModelDefinition } from "./model-definition.ts";
import type { ModelSource, ModelVersion } from "./model-slot.ts";
import { createSession } from "./onnx-session.ts";

export interface StoredModel {
  version: ModelVersion;
  source: ModelSource;
  /** reads manifest, card and bytes; `sha256` is what the bytes must hash to, null when nothing vouches for them */
  read(): Promise<{ manifest: unknown; card: string; bytes: Uint8Array; sha256: string | null }>;
}

export interface LoadedModel<Manifest> {
  version: ModelVersion;
  source: ModelSource;
  manifest: Manifest;
  card: string;
  session: LeasedSession;
}

/** @returns the registry's version under an alias, or null when the alias is unset */
export async function findAliased(db: Database, name: string, alias: ModelAlias): Promise<StoredModel | null> {
  const version = await readAlias(db, name, alias);
  if (version === null) return null;
  return {
    version,
    source: "registry",
    async read() {
      const row = await readVersion(db, name, version);
      const bytes = row === null ? null : await readArtifact(db, row.artifactSha256);
      if (row === null || bytes === null)
        throw new HarbingerError("ARTIFACT_CORRUPT", `version ${version} of ${name} is not stored`);
      return { manifest: row.manifest, card: row.card, bytes, sha256: row.artifactSha256 };
    },
  };
}

/** @param directory holds `<name>/<version>/{model.onnx,manifest.json,MODEL_CARD.md}`
 *  @returns the newest shipped version (natural order of the folders' names), or null when none is shipped */
export async function findPretrained(directory: string, name: string): Promise<StoredModel | null> {
  const entries = await readdir(join(directory, name), { withFileTypes: true }).catch(() => []);
  const versions = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const version = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (version === undefined) return null;
  const folder = join(directory, name, version);
  return {
    version,
    source: "pretrained",
    async read() {
      const manifest: unknown = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
      // Without its card a model still serves; whoever asks for the card sees that there is none.
      const card = await readFile(join(folder, "MODEL_CARD.md"), "utf8").catch(() => "");
      return { manifest, card, bytes: await readFile(join(folder, "model.onnx")), sha256: statedHash(manifest) };
    },
  };
}

/** @throws ARTIFACT_CORRUPT for bytes that are not what was stored or do not run; CONFLICT for a manifest this program cannot serve */
export async function loadModel<Manifest>(
  definition: ModelDefinition<Manifest>,
  stored: StoredModel,
): Promise<LoadedModel<Manifest>> {
  const { manifest: raw, card, bytes, sha256 } = await stored.read();
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== null && sha256 !== actual) {
    throw new HarbingerError(
      "ARTIFACT_CORRUPT",
      `the bytes of ${definition.name} ${stored.version} do not match their SHA-256`,
      {
        details: { expected: sha256, actual },
      },
    );
  }
  const manifest = definition.accept(raw);
  const session = leaseSession(
    await createSession(bytes, definition.enterAt === undefined ? {} : { enterAt: definition.enterAt }),
  );
  try {
    await warmUp(definition, manifest, session);
  } catch (error) {
    await session.retire(0);
    throw error;
  }
  return { version: stored.version, source: stored.source, manifest, card, session };
}

async function warmUp<Manifest>(
  definition: ModelDefinition<Manifest>,
  manifest: Manifest,
  session: ModelSession,
): Promise<void> {
  const outputs = await session.run(definition.warmUp(manifest));
  for (const [name, tensor] of Object.entries(outputs)) {
    if (!tensor.data.every(Number.isFinite)) {
      throw new HarbingerError(
        "ARTIFACT_CORRUPT",
        `${definition.name} answers its warm-up with a value in ${name} that is not finite`,
      );
    }
  }
}

function statedHash(manifest: unknown): string | null {
  if (typeof manifest !== "object" || manifest === null || !("artifactSha256" in manifest)) return null;
  return typeof manifest.artifactSha256 === "string" ? manifest.artifactSha256 : null;
}
