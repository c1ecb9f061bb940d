/** The model registry. Versions are immutable, artifacts are addressed by their SHA-256, aliases are the only thing that moves:
 *  promoting and rolling back are the same call, audited, and announced to every process on `MODEL_ALIAS_CHANNEL`. */
import { createHash } from "node:crypto";
import { type Selectable, sql } from "kysely";
import { HarbingerError } from "../errors.ts";
import type { Database } from "./database.ts";
import type { ModelVersionStatus, RegistryTables } from "./registry-tables.ts";

export const MODEL_ALIAS_CHANNEL = "harbinger_model_alias";

const MODEL_ALIASES = ["champion", "challenger", "shadow"] as const;
export type ModelAlias = (typeof MODEL_ALIASES)[number];

export interface NewModelVersion {
  name: string;
  status: ModelVersionStatus;
  manifest: object;
  metrics: Record<string, unknown>;
  verdict: Record<string, unknown>;
  /** model card, Markdown */
  card: string;
  datasetHash: string;
  /** ONNX bytes */
  artifact: Uint8Array;
  createdAtMs: number;
}

export interface ModelVersionRow {
  name: string;
  version: string;
  createdAtMs: number;
  status: ModelVersionStatus;
  manifest: unknown;
  metrics: Record<string, unknown>;
  verdict: Record<string, unknown>;
  card: string;
  datasetHash: string;
  artifactSha256: string;
}

export type ModelVersionSummary = Omit<ModelVersionRow, "manifest" | "card">;

export interface ModelSummary {
  name: string;
  aliases: Partial<Record<ModelAlias, string>>;
  /** newest first */
  versions: ModelVersionSummary[];
}

export interface AliasChange {
  name: string;
  alias: ModelAlias;
  /** null takes the alias away */
  version: string | null;
  /** who: an operator's name, or `training` */
  actor: string;
  reason: string;
  atMs: number;
  /** changes nothing unless the alias points there now; absent: whatever it points at */
  expected?: string;
  /** numbers that took the alias from its version; marks that version as one not to be trusted again by itself */
  rollbackEvidence?: Record<string, unknown>;
}

export interface AliasAuditRow {
  name: string;
  alias: string;
  fromVersion: string | null;
  toVersion: string | null;
  actor: string;
  reason: string;
  atMs: number;
  /** not null: the program moved it back by itself */
  rollbackEvidence: Record<string, unknown> | null;
}

/** Stores a version with its artifact. Versions of one name are numbered 1, 2, 3 … in the order of registration.
 *  @returns the new version and the artifact's address */
export async function registerVersion(
  db: Database,
  candidate: NewModelVersion,
): Promise<{ version: string; artifactSha256: string }> {
  const artifactSha256 = createHash("sha256").update(candidate.artifact).digest("hex");
  return db.transaction().execute(async (tx) => {
    await lockModel(tx, candidate.name);
    await tx
      .insertInto("model_artifacts")
      .values({ sha256: artifactSha256, content: Buffer.from(candidate.artifact) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { count } = await tx
      .selectFrom("model_versions")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("name", "=", candidate.name)
      .executeTakeFirstOrThrow();
    const version = String(Number(count) + 1);
    await tx
      .insertInto("model_versions")
      .values({
        name: candidate.name,
        version,
        created_at_ms: candidate.createdAtMs,
        status: candidate.status,
        manifest: JSON.stringify(candidate.manifest),
        metrics: JSON.stringify(candidate.metrics),
        verdict: JSON.stringify(candidate.verdict),
        card: candidate.card,
        dataset_hash: candidate.datasetHash,
        artifact_sha256: artifactSha256,
      })
      .execute();
    return { version, artifactSha256 };
  });
}

/** Points an alias at a version (or at none), writes the audit line and notifies every process; setting what is set already
 *  changes nothing.
 *  @throws NOT_FOUND without such a version; CONFLICT when a version that did not pass the gate would become champion */
export async function setAlias(
  db: Database,
  change: AliasChange,
): Promise<{ previous: string | null; changed: boolean }> {
  return db.transaction().execute(async (tx) => {
    await lockModel(tx, change.name);
    const previous = await readAlias(tx, change.name, change.alias);
    if (previous === change.version) return { previous, changed: false };
    if (change.expected !== undefined && previous !== change.expected) return { previous, changed: false };
    await writeAlias(tx, change);
    await tx
      .insertInto("model_alias_audit")
      .values({
        name: change.name,
        alias: change.alias,
        from_version: previous,
        to_version: change.version,
        actor: change.actor,
        reason: change.reason,
        at_ms: change.atMs,
        rollback_evidence: change.rollbackEvidence === undefined ? null : JSON.stringify(change.rollbackEvidence),
      })
      .execute();
    await sql`select pg_notify(${MODEL_ALIAS_CHANNEL}, ${JSON.stringify({ name: change.name, alias: change.alias })})`.execute(
      tx,
    );
    return { previous, changed: true };
  });
}

/** @returns the version that an alias points at, or null */
export async function readAlias(db: Database, name: string, alias: ModelAlias): Promise<string | null> {
  const row = await db
    .selectFrom("model_aliases")
    .select("version")
    .where("name", "=", name)
    .where("alias", "=", alias)
    .executeTakeFirst();
  return row?.version ?? null;
}

/** All aliases of a model that point at something. */
export async function readAliases(db: Database, name: string): Promise<Partial<Record<ModelAlias, string>>> {
  const rows = await db.selectFrom("model_aliases").select(["alias", "version"]).where("name", "=", name).execute();
  const entries = MODEL_ALIASES.map((alias) => [alias, rows.find((row) => row.alias === alias)?.version] as const);
  return Object.fromEntries(entries.filter(([, version]) => version !== undefined));
}

/** The version to roll back to: the first of `previousVersions`. Rolling back twice goes two versions back instead of forth again.
 *  @returns null when nothing was there before */
export async function previousVersion(db: Database, name: string, alias: ModelAlias): Promise<string | null> {
  return (await previousVersions(db, name, alias))[0] ?? null;
}

/** What the alias pointed at before it first pointed at its present version, then what it pointed at before it first pointed at that, and
 *  so on. Versions that were taken away because of what their predictions were worth are passed over. */
export async function previousVersions(db: Database, name: string, alias: ModelAlias): Promise<string[]> {
  const current = await readAlias(db, name, alias);
  const moves = await db
    .selectFrom("model_alias_audit")
    .select(["from_version", "to_version", "rollback_evidence"])
    .where("name", "=", name)
    .where("alias", "=", alias)
    .orderBy("id", "asc")
    .execute();
  const distrusted = new Set(moves.filter((move) => move.rollback_evidence !== null).map((move) => move.from_version));
  const before = (version: string | null): string | null =>
    moves.find((move) => move.to_version === version)?.from_version ?? null;
  const passed = new Set<string | null>([current]);
  const versions: string[] = [];
  // Promotions back and forth may lead round in a circle.
  for (let version = before(current); version !== null && !passed.has(version); version = before(version)) {
    passed.add(version);
    if (!distrusted.has(version)) versions.push(version);
  }
  return current === null ? [] : versions;
}

/** Addresses of the artifacts that were taken from an alias because of what their predictions were worth. */
export async function distrustedArtifacts(db: Database, name: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom("model_alias_audit")
    .innerJoin("model_versions", (join) =>
      join
        .onRef("model_versions.name", "=", "model_alias_audit.name")
        .onRef("model_versions.version", "=", "model_alias_audit.from_version"),
    )
    .select("model_versions.artifact_sha256")
    .distinct()
    .where("model_alias_audit.name", "=", name)
    .where("model_alias_audit.rollback_evidence", "is not", null)
    .execute();
  return new Set(rows.map((row) => row.artifact_sha256));
}

/** @returns every model with its aliases and version summaries, by name */
export async function listModels(db: Database): Promise<ModelSummary[]> {
  const aliases = await db.selectFrom("model_aliases").selectAll().execute();
  const versions = await db
    .selectFrom("model_versions")
    .select(["name", "version", "created_at_ms", "status", "metrics", "verdict", "dataset_hash", "artifact_sha256"])
    .orderBy("name")
    .orderBy(sql`version::int`, "desc")
    .execute();
  const models = new Map<string, ModelSummary>();
  for (const row of versions) {
    const model = models.get(row.name) ?? { name: row.name, aliases: {}, versions: [] };
    models.set(row.name, model);
    model.versions.push(toSummary(row));
  }
  for (const row of aliases) {
    const alias = MODEL_ALIASES.find((known) => known === row.alias);
    const model = models.get(row.name);
    if (alias !== undefined && model !== undefined) model.aliases[alias] = row.version;
  }
  return [...models.values()];
}

/** @returns one version in full, or null */
export async function readVersion(db: Database, name: string, version: string): Promise<ModelVersionRow | null> {
  const row = await db
    .selectFrom("model_versions")
    .selectAll()
    .where("name", "=", name)
    .where("version", "=", version)
    .executeTakeFirst();
  return row === undefined ? null : { ...toSummary(row), manifest: row.manifest, card: row.card };
}

/** @returns the stored bytes as they are; whoever loads them checks the hash */
export async function readArtifact(db: Database, sha256: string): Promise<Uint8Array | null> {
  const row = await db.selectFrom("model_artifacts").select("content").where("sha256", "=", sha256).executeTakeFirst();
  return row?.content ?? null;
}

/** @returns alias moves, newest first */
export async function readAliasAudit(
  db: Database,
  filter: { name: string; alias?: ModelAlias; limit: number },
): Promise<AliasAuditRow[]> {
  let query = db.selectFrom("model_alias_audit").selectAll().where("name", "=", filter.name);
  if (filter.alias !== undefined) query = query.where("alias", "=", filter.alias);
  const rows = await query.orderBy("id", "desc").limit(filter.limit).execute();
  return rows.map((row) => ({
    name: row.name,
    alias: row.alias,
    fromVersion: row.from_version,
    toVersion: row.to_version,
    actor: row.actor,
    reason: row.reason,
    atMs: row.at_ms,
    rollbackEvidence: row.rollback_evidence,
  }));
}

/** Serialises registrations and alias moves of one model until the transaction ends. */
async function lockModel(tx: Database, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('harbinger.model'), hashtext(${name}))`.execute(tx);
}

async function writeAlias(tx: Database, { name, alias, version }: AliasChange): Promise<void> {
  if (version === null) {
    await tx.deleteFrom("model_aliases").where("name", "=", name).where("alias", "=", alias).execute();
    return;
  }
  const target = await tx
    .selectFrom("model_versions")
    .select("status")
    .where("name", "=", name)
    .where("version", "=", version)
    .executeTakeFirst();
  if (target === undefined) throw new HarbingerError("NOT_FOUND", `there is no version ${version} of ${name}`);
  if (alias === "champion" && target.status !== "passed") {
    throw new HarbingerError("CONFLICT", `version ${version} of ${name} did not pass the gate and cannot be champion`, {
      details: { status: target.status },
    });
  }
  await tx
    .insertInto("model_aliases")
    .values({ name, alias, version })
    .onConflict((conflict) => conflict.columns(["name", "alias"]).doUpdateSet({ version }))
    .execute();
}

type SummaryColumns = Omit<Selectable<RegistryTables["model_versions"]>, "manifest" | "card">;

function toSummary(row: SummaryColumns): ModelVersionSummary {
  return {
    name: row.name,
    version: row.version,
    createdAtMs: row.created_at_ms,
    status: row.status,
    metrics: row.metrics,
    verdict: row.verdict,
    datasetHash: row.dataset_hash,
    artifactSha256: row.artifact_sha256,
  };
}
