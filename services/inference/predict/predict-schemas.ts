import { z } from "zod";
import { FEATURE_GROUPS } from "../../../models/features/feature-spec.ts";
import { errorClassSchema } from "../http/error-class-schema.ts";
import {
  durationSchema,
  identityPartSchema,
  instantSchema,
  probabilitySchema,
  serviceReferenceSchema,
  serviceSchema,
  timestampSchema,
  uuidSchema,
} from "../http/schemas.ts";

const MAX_REQUESTS = 1000;

const query = {
  service: serviceReferenceSchema,
  environment: identityPartSchema.optional().meta({ description: "`deployment.environment.name`" }),
  at: instantSchema.optional().meta({
    description: "as of when; only what was known then is used. Absent: now. The future is refused",
  }),
  horizons: z
    .array(durationSchema)
    .min(1)
    .max(16)
    .optional()
    .meta({ description: "multiples of the window size; absent: the configured ones", example: ["5m", "15m"] }),
};

export const predictOneSchema = z
  .strictObject({ ...query, explain: z.boolean().default(true) })
  .meta({ id: "PredictQuery", example: { service: "checkout", horizons: ["5m", "15m"] } });

const predictManySchema = z
  .strictObject({
    requests: z
      .array(
        z.strictObject({ ...query, explain: z.boolean().default(false).meta({ description: "off by default here" }) }),
      )
      .min(1)
      .max(MAX_REQUESTS),
  })
  .meta({ id: "PredictQueries" });

export const predictRequestSchema = z.union([predictManySchema, predictOneSchema]);

const countsSchema = z.object({ onsets: z.int(), windows: z.int() });

const contributionSchema = z.object({
  group: z.enum(FEATURE_GROUPS),
  logOdds: z.number().meta({ description: "exact Shapley value; positive raises the risk" }),
  feature: z
    .object({
      name: z.string(),
      unit: z.string(),
      description: z.string(),
      observed: z.number().nullable(),
      expected: z.number().nullable(),
    })
    .nullable()
    .meta({ description: "the feature of the group that is farthest from what is expected" }),
});

const explanationSchema = z
  .object({
    sentence: z.string(),
    horizon: z.string().meta({ description: "the horizon that is explained" }),
    attribution: z
      .object({
        logOdds: z.number(),
        baseLogOdds: z.number(),
        baseProbability: probabilitySchema.meta({ description: "when everything is as expected" }),
        contributions: z
          .array(contributionSchema)
          .meta({ description: "add up to logOdds - baseLogOdds; largest effect first" }),
        counterfactual: z
          .object({
            groups: z.array(z.enum(FEATURE_GROUPS)),
            changes: z
              .array(contributionSchema.omit({ logOdds: true }))
              .meta({ description: "the value of each group that is farthest off, and where it would have to be" }),
            probability: probabilitySchema,
          })
          .nullable()
          .meta({ description: "the fewest groups that, back at expected, bring the risk below the threshold" }),
      })
      .nullable()
      .meta({ description: "null when base rates answered" }),
    baseRate: z
      .object({ fleet: countsSchema, service: countsSchema })
      .nullable()
      .meta({ description: "null when the model answered" }),
    nearestPast: z
      .array(
        z.object({
          start: timestampSchema,
          end: timestampSchema.nullable(),
          kind: z.enum(["onset", "incident", "mitigated"]).meta({
            description: "windows that failed; filed from elsewhere; warned of, and somebody acted",
          }),
          title: z.string().nullable(),
          class: errorClassSchema.nullable(),
          classes: z
            .array(z.object({ class: errorClassSchema, share: probabilitySchema }))
            .meta({ description: "of the errors while it lasted, most frequent first" }),
          comments: z
            .array(z.string())
            .meta({ description: "what operators wrote when they judged predictions about it" }),
          likeness: z.number().min(-1).max(1).nullable().meta({
            description: "1: what is out of the ordinary now was so when it began; null when that cannot be said",
          }),
        }),
      )
      .meta({ description: "failures of this service by then: most alike to now first, then newest first" }),
  })
  .meta({ id: "PredictionExplanation" });

export const predictionSchema = z
  .object({
    id: uuidSchema.meta({ description: "give it back as `target.predictionId` in feedback" }),
    service: serviceSchema,
    at: timestampSchema,
    madeAt: timestampSchema,
    model: z.object({
      name: z.string(),
      version: z.string().nullable(),
      state: z.enum(["prior", "warming", "ready"]).meta({
        description:
          "`ready`: the model answered; `warming`: the service has a history, but no model reads it yet; `prior`: nothing is known about it",
      }),
    }),
    step: z
      .enum(["model", "prior", "last_known"])
      .meta({ description: "the rung of the ladder that answered: model, base rates, or what was said last" }),
    horizons: z.array(
      z.object({
        horizon: z.string(),
        horizonMs: z.int(),
        probability: probabilitySchema,
        interval: z.object({ lower: probabilitySchema, upper: probabilitySchema }).meta({
          description: "where, with 90 % certainty, the rate lies at which moments with this score come true",
        }),
      }),
    ),
    confidence: probabilitySchema.meta({ description: "1 minus the interval's width at the explained horizon" }),
    failingNow: z.boolean().nullable(),
    predictedErrorClasses: z.array(z.object({ class: errorClassSchema, probability: probabilitySchema })),
    timeWindow: z
      .object({ from: timestampSchema, to: timestampSchema, mass: probabilitySchema })
      .nullable()
      .meta({ description: "if a failure comes within the longest horizon, when; null without a model" }),
    explanation: explanationSchema.nullable(),
    recommendedActions: z.array(z.string()),
    asOf: z.object({
      at: timestampSchema,
      windowEnd: timestampSchema.nullable().meta({ description: "end of the newest window that was used" }),
      modelTrainedThrough: timestampSchema.nullable(),
      modelSawLater: z
        .boolean()
        .nullable()
        .meta({ description: "the model learned from events after `at`; null when that is not recorded" }),
    }),
    notes: z.array(z.string()),
  })
  .meta({ id: "Prediction" });

export const predictReplySchema = z.union([
  z
    .object({ predictions: z.array(predictionSchema) })
    .meta({ id: "Predictions", description: "One per request, in order" }),
  predictionSchema,
]);
