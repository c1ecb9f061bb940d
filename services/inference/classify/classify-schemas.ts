import { z } from "zod";
import { SEVERITIES } from "../../../models/taxonomy/class-guide.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import { errorClassSchema } from "../http/error-class-schema.ts";
import { probabilitySchema, uuidSchema } from "../http/schemas.ts";

const MAX_ERRORS = 500;

/** Texts are cut, not refused, beyond what is kept of them: an error message is as long as it is. */
const freeText = z.string();

const attributesSchema = z
  .record(
    z.string(),
    z.union([freeText, z.number(), z.boolean(), z.array(z.union([freeText, z.number(), z.boolean()]))]),
  )
  .meta({ description: "attributes by OpenTelemetry's names; bounded in number and length" });

export const errorInputSchema = z
  .strictObject({
    exception: z
      .strictObject({ type: freeText.optional(), message: freeText.optional(), stacktrace: freeText.optional() })
      .optional(),
    body: freeText.optional().meta({ description: "log body, or a span's status message" }),
    severityText: freeText.optional(),
    severityNumber: z.int().min(0).max(24).optional(),
    attributes: attributesSchema.optional(),
    resource: attributesSchema
      .optional()
      .meta({ description: "resource attributes: service.name, service.version, telemetry.sdk.language …" }),
  })
  .refine(
    ({ exception, body, attributes }) =>
      [exception?.type, exception?.message, exception?.stacktrace, body].some((text) => (text ?? "").trim() !== "") ||
      Object.keys(attributes ?? {}).length > 0,
    "says nothing: give an exception, a body or attributes",
  )
  .meta({
    id: "ErrorInput",
    example: {
      exception: { type: "java.net.SocketTimeoutException", message: "Read timed out" },
      attributes: { "server.address": "payment" },
      resource: { "service.name": "checkout" },
    },
  });

export const classifyRequestSchema = z
  .strictObject({ errors: z.array(errorInputSchema).min(1).max(MAX_ERRORS) })
  .meta({ id: "ClassifyRequest" });

const voteSchema = z
  .object({
    class: errorClassSchema,
    probability: probabilitySchema,
    distribution: z.partialRecord(errorClassSchema, probabilitySchema),
  })
  .meta({ id: "Vote", description: "One voice's own opinion" });

export const verdictSchema = z
  .enum([...ERROR_CLASSES, "unknown"])
  .meta({ id: "ErrorVerdict", description: "A class of taxonomy v1, or `unknown` when the answer abstains" });

const classificationSchema = z
  .object({
    id: uuidSchema.meta({ description: "give it back as `target.classificationId` in feedback" }),
    class: verdictSchema,
    probability: probabilitySchema.meta({ description: "calibrated, of the most likely class, also when abstaining" }),
    abstained: z.boolean(),
    severity: z.enum(SEVERITIES),
    retryable: z.boolean(),
    fingerprint: z.string(),
    votes: z.object({ rules: voteSchema.nullable(), model: voteSchema.nullable(), memory: voteSchema.nullable() }),
    explanation: z.object({
      sentence: z.string(),
      rule: z
        .object({
          id: z.string(),
          matched: z.array(z.string()),
          source: z
            .enum(["operator", "shipped"])
            .meta({ description: "who wrote it: `operator` in HARBINGER_RULES_FILE" }),
        })
        .optional(),
      tokens: z
        .array(z.object({ token: z.string(), weight: z.number() }))
        .optional()
        .meta({ description: "together exactly the model's log-odds of the class against the mean of all" }),
      rootCause: z.object({ type: z.string().nullable(), message: z.string() }).optional(),
      memory: z
        .object({ fingerprint: z.string(), class: errorClassSchema, similarity: z.number(), operators: z.number() })
        .optional(),
    }),
    recommendedActions: z.array(z.string()),
    step: z.enum(["full", "rules_only"]).meta({ description: "the rung of the ladder that answered" }),
    novelty: z
      .object({
        unknownShare: probabilitySchema.meta({ description: "of its words, types and codes, unknown to the model" }),
        threshold: probabilitySchema.meta({ description: "what 95 % of errors of unseen families stay under" }),
        novel: z.boolean(),
      })
      .nullable()
      .meta({
        description: "whether it is of a kind unlike training; null where the model does not state its training",
      }),
    modelVersion: z.string().nullable(),
  })
  .meta({ id: "Classification" });

export const classifyReplySchema = z
  .object({ classifications: z.array(classificationSchema) })
  .meta({ id: "ClassifyReply", description: "In the order of the request" });

export const driftReplySchema = z
  .object({
    signals: z.array(
      z.object({
        signal: z.string(),
        drifting: z.boolean(),
        value: z.number().nullable().meta({ description: "null: too little to measure" }),
        threshold: z.number().nullable(),
        detail: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: "ClassifierDrift" });
