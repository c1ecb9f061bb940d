import { z } from "zod";
import { OUTCOMES } from "../../platform/store/judgement-tables.ts";
import { verdictSchema } from "../classify/classify-schemas.ts";
import { errorClassSchema } from "../http/error-class-schema.ts";
import {
  durationSchema,
  probabilitySchema,
  serviceSchema,
  textSchema,
  timestampSchema,
  uuidSchema,
} from "../http/schemas.ts";

const targetSchema = z
  .union([
    z.strictObject({ classificationId: uuidSchema }),
    z.strictObject({ predictionId: uuidSchema }),
    z.strictObject({ fingerprint: textSchema({ max: 128 }) }),
  ])
  .meta({ id: "FeedbackTarget", description: "The answer that is judged, or all errors of a fingerprint" });

const labelSchema = z
  .union([
    z.strictObject({ class: errorClassSchema }),
    z.strictObject({
      outcome: z.enum(OUTCOMES).meta({ description: "`mitigated`: someone acted on the warning" }),
      horizon: durationSchema.optional().meta({
        description: "one of the prediction's horizons; the primary one when absent",
      }),
    }),
  ])
  .meta({ id: "FeedbackLabel", description: "A class for an error, or what became of a prediction" });

export const feedbackRequestSchema = z
  .strictObject({
    target: targetSchema,
    label: labelSchema,
    operator: textSchema({ max: 200 }).optional(),
    comment: textSchema({ max: 4000 }).optional(),
  })
  .refine(({ target, label }) => "predictionId" in target === "outcome" in label, {
    path: ["label"],
    message: "a prediction is judged by an outcome, an error by a class",
  })
  .meta({ id: "FeedbackRequest" });

export const feedbackHeadersSchema = z.object({
  "idempotency-key": textSchema({ max: 200 })
    .optional()
    .meta({ description: "A repeat with the same key and body gets the first answer; with another body 422" }),
});

const answerSchema = z.object({ class: verdictSchema, probability: probabilitySchema, abstained: z.boolean() });

const classEffectSchema = z.object({
  kind: z.literal("class"),
  fingerprint: z.string(),
  before: answerSchema.meta({ description: "what the next such error would have been answered" }),
  after: answerSchema.meta({ description: "what it is answered now, in every process" }),
  group: z
    .object({ reclassified: z.boolean(), before: answerSchema })
    .nullable()
    .meta({ description: "the stored group of errors with this fingerprint, if telemetry has brought one" }),
  near: z
    .object({ groups: z.int(), errors: z.int(), reclassified: z.int() })
    .meta({ description: "stored groups of errors very close to it, which the label speaks for too" }),
  labelProbability: z
    .object({ before: probabilitySchema, after: probabilitySchema })
    .meta({ description: "of the class that the label names" }),
  memory: z
    .object({
      fingerprint: z.string(),
      class: errorClassSchema.nullable().meta({ description: "null when operators contradict each other" }),
      operators: z.int(),
      labels: z.array(z.object({ operator: z.string(), class: errorClassSchema })),
    })
    .nullable()
    .meta({ description: "what the operators' labels of this fingerprint amount to now" }),
  rules: z
    .array(
      z.object({
        rule: z.string(),
        agreed: z.number(),
        disagreed: z.number(),
        evidence: z
          .object({ before: probabilitySchema, after: probabilitySchema })
          .nullable()
          .meta({ description: "the rule's own probability of its class on this error; null when it did not fire" }),
      }),
    )
    .meta({ description: "by how much each rule's record of agreement moved" }),
  weights: z
    .object({
      modelVersion: z.string(),
      before: z.object({ rules: z.number(), model: z.number() }),
      after: z.object({ rules: z.number(), model: z.number() }),
    })
    .meta({ description: "exponents of rules and model in the pool" }),
  sentence: z.string(),
});

const outcomeEffectSchema = z.object({
  kind: z.literal("outcome"),
  service: serviceSchema,
  at: timestampSchema,
  horizon: z.string(),
  predicted: probabilitySchema,
  trainingRow: z
    .enum(["positive", "negative", "left_out", "by_rule"])
    .meta({ description: "how the next training counts (service, at, horizon)" }),
  sentence: z.string(),
});

export const effectSchema = z.object({
  change: z.union([classEffectSchema, outcomeEffectSchema]),
  retraining: z
    .object({
      labels: z.int().meta({ description: "labels since the last training job of that model" }),
      trigger: z.int().meta({ description: "how many start one; 0 never does" }),
      trainingJobId: uuidSchema.nullable(),
    })
    .nullable(),
});

export const feedbackSchema = z
  .object({
    id: uuidSchema,
    target: z.object({ kind: z.enum(["classification", "prediction", "fingerprint"]), id: z.string() }),
    label: z.union([
      z.object({ class: errorClassSchema }),
      z.object({ outcome: z.enum(OUTCOMES), horizon: z.string() }),
    ]),
    operator: z.string().nullable(),
    comment: z.string().nullable(),
    createdAt: timestampSchema,
    withdrawnAt: timestampSchema.nullable(),
    effect: effectSchema,
  })
  .meta({ id: "Feedback" });

export const withdrawalSchema = z
  .object({ feedback: feedbackSchema, effect: effectSchema.shape.change.nullable() })
  .meta({ id: "Withdrawal", description: "The withdrawn judgement, and what changed by taking it back" });

export const queueQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(20).meta({ description: "how many at most" }),
});

export const feedbackQueueSchema = z
  .object({
    items: z.array(
      z.object({
        fingerprint: z.string(),
        exceptionType: z.string().nullable(),
        template: z.string(),
        guess: answerSchema.meta({ description: "what is answered now" }),
        seenCount: z.int(),
        firstSeen: timestampSchema,
        lastSeen: timestampSchema,
        score: z.number().meta({ description: "uncertainty × frequency × novelty" }),
        uncertainty: z.number().min(0).max(1),
        frequency: z.number().min(0).max(1),
        novelty: z.number().min(0).max(1),
        why: z.string(),
      }),
    ),
  })
  .meta({ id: "FeedbackQueue", description: "What it would help most to label, most helpful first" });
