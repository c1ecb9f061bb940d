import { z } from "zod";
import { pageQuery, textSchema, timestampSchema } from "../http/schemas.ts";

export const aliasSchema = z.enum(["champion", "challenger", "shadow"]).meta({ id: "ModelAlias" });

const record = z.record(z.string(), z.unknown());

const sourceSchema = z.enum(["registry", "pretrained"]).meta({
  id: "ModelSource",
  description: "`registry`: trained here and judged by the gate; `pretrained`: shipped with the program",
});

const versionSummary = {
  name: z.string(),
  version: z.string(),
  status: z.enum(["candidate", "passed", "rejected"]),
  createdAt: timestampSchema,
  metrics: record,
  verdict: record.meta({ description: "what the gate said, also when it refused" }),
  datasetHash: z.string(),
  artifactSha256: z.string(),
};

export const modelVersionSummarySchema = z.object(versionSummary).meta({ id: "ModelVersionSummary" });

export const modelVersionQuerySchema = z.strictObject({
  source: sourceSchema.optional().meta({
    description: "which of the two when both have such a version; the registry's when absent",
  }),
});

export const modelVersionSchema = z
  .object({
    ...versionSummary,
    source: sourceSchema,
    status: z.enum(["candidate", "passed", "rejected", "shipped"]),
    createdAt: timestampSchema.nullable().meta({ description: "null of a version that was shipped" }),
    datasetHash: z.string().nullable(),
    artifactSha256: z.string().nullable(),
    manifest: z.unknown().meta({ description: "all that serving needs beside the graph", type: "object" }),
    card: z.string().meta({ description: "model card, Markdown" }),
    aliases: z.array(aliasSchema).meta({ description: "those that point at this version now" }),
  })
  .meta({ id: "ModelVersion" });

export const modelSchema = z
  .object({
    name: z.string(),
    serving: z
      .object({
        state: z.enum(["empty", "ready", "swapping", "failed"]),
        version: z.string().nullable(),
        source: sourceSchema.nullable(),
        error: z.string().nullable(),
      })
      .meta({ description: "what this process answers with" }),
    aliases: z.partialRecord(aliasSchema, z.string()),
    versions: z.array(modelVersionSummarySchema).meta({ description: "newest first" }),
  })
  .meta({ id: "Model" });

export const modelsSchema = z.object({ items: z.array(modelSchema) }).meta({ id: "Models" });

export const setAliasRequestSchema = z
  .union([
    z.strictObject({
      version: textSchema({ max: 64 }).nullable().meta({
        description: "null takes the alias away: the prior (or the shipped classifier) answers then",
      }),
      actor: textSchema({ max: 200 }),
      reason: textSchema({ max: 1000 }),
    }),
    z.strictObject({
      rollback: z.literal(true).meta({ description: "back to the version before" }),
      actor: textSchema({ max: 200 }),
      reason: textSchema({ max: 1000 }),
    }),
  ])
  .meta({ id: "SetAliasRequest" });

export const aliasChangeSchema = z
  .object({
    name: z.string(),
    alias: aliasSchema,
    version: z.string().nullable(),
    previous: z.string().nullable(),
    changed: z.boolean(),
  })
  .meta({ id: "AliasChange" });

export const auditQuerySchema = z.strictObject({ alias: aliasSchema.optional(), limit: pageQuery.limit });

export const auditSchema = z
  .object({
    items: z.array(
      z.object({
        alias: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable(),
        actor: z.string(),
        reason: z.string(),
        at: timestampSchema,
        rollbackEvidence: record.nullable().meta({
          description: "not null when the program moved the alias back by itself: the numbers that made it",
        }),
      }),
    ),
  })
  .meta({ id: "AliasAudit" });
