import { z } from "zod";
import { SPLIT_CRITERIA } from "../../../models/grouping/regrouping.ts";
import { pageOf, pageQuery, probabilitySchema, textSchema, timestampSchema, uuidSchema } from "../http/schemas.ts";
import { errorGroupSchema } from "../services/service-schemas.ts";

const groupNameSchema = textSchema({ max: 128 }).meta({
  description: "`fingerprint` of a group of errors",
  example: "v2-0a1b2c3d4e5f60718293a4b5",
});
const groupNamesSchema = z.array(groupNameSchema).min(1).max(100);

export const groupParamsSchema = z.object({ fingerprint: groupNameSchema });

export const groupDetailSchema = z
  .object({
    group: errorGroupSchema,
    splitBy: z
      .enum(SPLIT_CRITERIA)
      .nullable()
      .meta({ description: "new errors of it land in its parts; what was counted before stays here" }),
    members: z
      .array(
        z.object({
          fingerprint: z.string(),
          exceptionType: z.string().nullable(),
          template: z.string(),
          firstSeen: timestampSchema,
          lastSeen: timestampSchema,
          errorCount: z.int().min(0),
        }),
      )
      .meta({ description: "the kinds of error in it, most frequent first, at most 100" }),
  })
  .meta({ id: "ErrorGroupDetail" });

export const similarQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(10).meta({ description: "how many at most", example: 10 }),
  sameType: z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true")
    .meta({ description: "only groups of the same exception type" }),
});

export const similarGroupsSchema = z
  .object({
    items: z.array(
      z.object({
        group: errorGroupSchema,
        similarity: probabilitySchema.meta({ description: "mean over what either error has; 1 for the same features" }),
        families: z
          .object({
            calls: probabilitySchema.nullable(),
            names: probabilitySchema.nullable(),
            words: probabilitySchema.nullable(),
          })
          .meta({
            description: "likeness of calls, of words in their names, of words of the messages; null: neither has any",
          }),
      }),
    ),
  })
  .meta({ id: "SimilarErrorGroups" });

const stepSchemas = [
  z.strictObject({ kind: z.literal("merge"), into: groupNameSchema, groups: groupNamesSchema }),
  z.strictObject({ kind: z.literal("separate"), from: groupNameSchema, groups: groupNamesSchema }),
  z.strictObject({ kind: z.literal("split"), group: groupNameSchema, by: z.enum(SPLIT_CRITERIA) }),
] as const;

const who = { operator: textSchema({ max: 200 }).optional(), comment: textSchema({ max: 4000 }).optional() };

export const groupingRequestSchema = z
  .discriminatedUnion("kind", [
    stepSchemas[0].extend({
      acrossTypes: z.boolean().default(false).meta({ description: "merge groups of different exception types" }),
      ...who,
    }),
    stepSchemas[1].extend(who),
    stepSchemas[2].extend(who),
  ])
  .meta({
    id: "GroupingRequest",
    description:
      "`merge`: errors of `groups` are errors of `into` from now on. `separate`: takes merged groups out again. `split`: errors that differ by service, by message (quoted values count) or by the frame nearest to the throw are groups of their own.",
  });

export const groupingHeadersSchema = z.object({
  "idempotency-key": textSchema({ max: 200 })
    .optional()
    .meta({ description: "A repeat with the same key and body gets the first answer; with another body 422" }),
});

export const groupingChangeParamsSchema = z.object({ id: uuidSchema });

export const undoQuerySchema = z.strictObject({ operator: textSchema({ max: 200 }).optional() });

export const groupingChangeSchema = z
  .object({
    id: z.string(),
    step: z.discriminatedUnion("kind", stepSchemas).nullable().meta({ description: "null: it undoes another change" }),
    undoes: z.string().nullable(),
    operator: z.string().nullable(),
    comment: z.string().nullable(),
    createdAt: timestampSchema,
    effect: z.object({
      movedCount: z.int().min(0).meta({ description: "kinds of error that are shown in another group now" }),
      moved: z
        .array(z.object({ fingerprint: z.string(), from: z.string(), to: z.string() }))
        .meta({ description: "the first 100 of them" }),
    }),
  })
  .meta({ id: "GroupingChange" });

const listedChangeSchema = groupingChangeSchema
  .extend({ undoneBy: z.string().nullable().meta({ description: "the change that undid it" }) })
  .meta({ id: "ListedGroupingChange" });

export const changesQuerySchema = z.strictObject(pageQuery);

export const changesPageSchema = pageOf("GroupingChangesPage", listedChangeSchema);
