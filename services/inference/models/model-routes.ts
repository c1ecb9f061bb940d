import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { ModelHost } from "../../platform/serving/model-host.ts";
import { type ModelSlot, servedModel } from "../../platform/serving/model-slot.ts";
import type { Database } from "../../platform/store/database.ts";
import {
  listModels,
  type ModelSummary,
  type ModelVersionSummary,
  previousVersion,
  readAliasAudit,
  readVersion,
  setAlias,
} from "../../platform/store/registry-store.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { textSchema, toTimestamp } from "../http/schemas.ts";
import {
  aliasChangeSchema,
  aliasSchema,
  auditQuerySchema,
  auditSchema,
  type modelSchema,
  modelsSchema,
  modelVersionQuerySchema,
  modelVersionSchema,
  type modelVersionSummarySchema,
  setAliasRequestSchema,
} from "./model-schemas.ts";

const tag = "models";
const nameSchema = textSchema({ max: 64 });

export interface ModelRouteDeps {
  db: Database;
  clock: Clock;
  models: ModelHost;
}

export function modelRoutes({ db, clock, models }: ModelRouteDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/models",
      operationId: "listModels",
      tag,
      summary: "Models, their versions, and what serves now",
      responses: { 200: { description: "All models", schema: modelsSchema } },
      async handle() {
        const slots = slotsOf(models);
        const stored = new Map((await listModels(db)).map((model) => [model.name, model]));
        return ok({ items: Object.entries(slots).map(([name, slot]) => presentModel(name, slot, stored.get(name))) });
      },
    }),
    defineRoute({
      method: "get",
      path: "/models/{name}/versions/{version}",
      operationId: "getModelVersion",
      tag,
      summary: "One version: manifest, metrics, verdict and card",
      description:
        "A version that was shipped with the program is found while it serves; it has no verdict of this installation's gate, so `metrics` and `verdict` are empty and its card says what was measured.",
      params: z.object({ name: nameSchema, version: textSchema({ max: 64 }) }),
      query: modelVersionQuerySchema,
      problems: [404],
      responses: { 200: { description: "The version", schema: modelVersionSchema } },
      async handle({ params, query }) {
        const { name } = params;
        const version = query.source === "pretrained" ? null : await readVersion(db, name, params.version);
        if (version === null) {
          const shipped = query.source === "registry" ? null : shippedVersion(models, name, params.version);
          if (shipped === null) throw noVersion(name, params.version);
          return ok(shipped);
        }
        const model = (await listModels(db)).find((one) => one.name === name);
        const aliases = aliasSchema.options.filter((alias) => model?.aliases[alias] === params.version);
        const { manifest, card } = version;
        return ok({ ...presentVersion(version), source: "registry" as const, manifest, card, aliases });
      },
    }),
    defineRoute({
      method: "put",
      path: "/models/{name}/aliases/{alias}",
      operationId: "setModelAlias",
      tag,
      summary: "Promote a version, or roll back",
      description:
        "Every process swaps to the version without dropping a request. A version that did not pass the gate cannot become champion: 409 with its verdict; there is no way around the gate.",
      params: z.object({ name: nameSchema, alias: aliasSchema }),
      body: setAliasRequestSchema,
      problems: [404, 409],
      responses: { 200: { description: "What the alias points at now, and before", schema: aliasChangeSchema } },
      async handle({ params, body }) {
        const version = "version" in body ? body.version : await versionBefore(db, params.name, params.alias);
        await refuseUngated(db, params.name, params.alias, version);
        const { actor, reason } = body;
        const change = await setAlias(db, { ...params, version, actor, reason, atMs: clock.now() });
        // The notification would do it too, a moment later; the caller's next request should already see it.
        await models.refresh();
        return ok({ ...params, version, ...change });
      },
    }),
    defineRoute({
      method: "get",
      path: "/models/{name}/audit",
      operationId: "getModelAudit",
      tag,
      summary: "Who moved which alias, when and why; newest first",
      params: z.object({ name: nameSchema }),
      query: auditQuerySchema,
      responses: { 200: { description: "The moves", schema: auditSchema } },
      async handle({ params, query }) {
        const rows = await readAliasAudit(db, {
          name: params.name,
          limit: query.limit,
          ...(query.alias === undefined ? {} : { alias: query.alias }),
        });
        return ok({
          items: rows.map(({ alias, fromVersion, toVersion, actor, reason, atMs, rollbackEvidence }) => ({
            alias,
            from: fromVersion,
            to: toVersion,
            actor,
            reason,
            at: toTimestamp(atMs),
            rollbackEvidence,
          })),
        });
      },
    }),
  ];
}

function slotsOf(models: ModelHost): Record<string, ModelSlot<unknown>> {
  return { "failure-predictor": models.predictor(), "error-classifier": models.classifier() };
}

/** @returns the version when it was shipped and serves, else null */
function shippedVersion(models: ModelHost, name: string, version: string): z.input<typeof modelVersionSchema> | null {
  const slots = slotsOf(models);
  const slot = Object.hasOwn(slots, name) ? slots[name] : undefined;
  const served = slot === undefined ? null : servedModel(slot);
  if (served?.source !== "pretrained" || served.version !== version) return null;
  const { manifest, card } = served;
  const trainedOn = fieldOf(manifest, "trainedOn");
  return {
    ...{ name, version, manifest, card },
    source: "pretrained",
    status: "shipped",
    createdAt: null,
    metrics: {},
    verdict: {},
    datasetHash: textOrNull(fieldOf(trainedOn, "datasetHash")),
    artifactSha256: textOrNull(fieldOf(manifest, "artifactSha256")),
    aliases: [],
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

async function versionBefore(db: Database, name: string, alias: z.output<typeof aliasSchema>): Promise<string> {
  const version = await previousVersion(db, name, alias);
  if (version === null) throw new HarbingerError("CONFLICT", `there is no version of ${name} before this ${alias}`);
  return version;
}

/** The store refuses too; asking first lets the answer carry the verdict. */
async function refuseUngated(db: Database, name: string, alias: string, version: string | null): Promise<void> {
  if (version === null) return;
  const target = await readVersion(db, name, version);
  if (target === null) throw noVersion(name, version);
  if (alias === "champion" && target.status !== "passed") {
    throw new HarbingerError("CONFLICT", `version ${version} of ${name} did not pass the gate and cannot be champion`, {
      details: { status: target.status, verdict: target.verdict },
    });
  }
}

function noVersion(name: string, version: string): HarbingerError {
  return new HarbingerError("NOT_FOUND", `there is no version ${version} of ${name}`);
}

function presentModel(
  name: string,
  slot: ModelSlot<unknown>,
  stored: ModelSummary | undefined,
): z.input<typeof modelSchema> {
  const served = servedModel(slot);
  const refusal = slot.state === "failed" ? slot : slot.state === "ready" ? slot.refused : null;
  return {
    name,
    serving: {
      state: slot.state,
      version: served?.version ?? null,
      source: served?.source ?? null,
      error: refusal === null ? null : `version ${refusal.version}: ${refusal.error.message}`,
    },
    aliases: stored?.aliases ?? {},
    versions: (stored?.versions ?? []).map(presentVersion),
  };
}

function presentVersion(row: ModelVersionSummary): z.input<typeof modelVersionSummarySchema> {
  const { name, version, status, metrics, verdict, datasetHash, artifactSha256 } = row;
  return {
    name,
    version,
    status,
    createdAt: toTimestamp(row.createdAtMs),
    metrics,
    verdict,
    datasetHash,
    artifactSha256,
  };
}
