import { z } from "zod";
import { probabilitySchema, timestampSchema } from "../http/schemas.ts";

const countSchema = z.int().min(0);

const evidenceSchema = z
  .object({
    pValue: probabilitySchema.meta({
      description:
        "chance, at most, that the evidence ever becomes as strong as it was although it is not so; valid whenever one looks at it",
    }),
    confidence: probabilitySchema.meta({ description: "what is asked for: HARBINGER_ROLLBACK_CONFIDENCE" }),
  })
  .meta({ id: "SequentialEvidence" });

export const differenceSchema = z
  .object({
    mean: z.number(),
    standardError: z.number().nullable().meta({
      description: "clustered by time and service; null while there are too few of either",
    }),
    lower: z.number().nullable().meta({ description: "of the 95 % interval at this moment" }),
    upper: z.number().nullable(),
  })
  .meta({ id: "LossDifference", description: "a mean difference of losses; below 0: the version is better" });

const lossesSchema = z.object({ brier: z.number(), logLoss: z.number() });

export const comparisonSchema = z
  .object({
    alias: z.enum(["challenger", "shadow"]),
    version: z.string(),
    against: z.string().meta({ description: "who serves meanwhile: a version, or `base-rate`" }),
    since: timestampSchema.meta({ description: "event time; predictions made later count" }),
    outcomes: countSchema.meta({ description: "predictions of both whose outcome is known" }),
    failures: countSchema.meta({ description: "separate failures among them" }),
    verdict: z.enum(["better", "worse", "undecided"]),
    better: evidenceSchema,
    worse: evidenceSchema,
    scores: z
      .object({
        version: lossesSchema,
        against: lossesSchema,
        brierDifference: differenceSchema,
        logLossDifference: differenceSchema,
      })
      .nullable()
      .meta({ description: "null before the first outcome" }),
  })
  .meta({ id: "ShadowComparison" });

export const comparisonsSchema = z.object({ items: z.array(comparisonSchema) }).meta({ id: "ShadowComparisons" });

export const performanceSchema = z
  .object({
    version: z.string().nullable().meta({ description: "the champion that is watched; null: base rates answer" }),
    since: timestampSchema.nullable(),
    outcomes: countSchema,
    failures: countSchema,
    known: z
      .object({
        positiveShare: probabilitySchema,
        meanProbability: probabilitySchema,
        brier: z.number(),
        baseRateBrier: z.number().meta({ description: "of the base rate as it was known at each moment" }),
        brierSkill: z.number(),
        logLoss: z.number(),
        calibrationError: z.number(),
        brierDifference: differenceSchema,
      })
      .nullable()
      .meta({ description: "from predictions whose outcome is known; null before the first" }),
    rollback: z
      .object({ enabled: z.boolean(), minFailures: countSchema, worseThanBaseRate: evidenceSchema })
      .nullable()
      .meta({ description: "what would take the champion back; null when base rates answer" }),
  })
  .meta({ id: "ModelPerformance" });

export const driftSchema = z
  .object({
    drifting: z.boolean(),
    signals: z.array(
      z.object({
        signal: z.string().meta({ description: "what was looked at", example: "inputs.latency" }),
        version: z.string().nullable(),
        drifting: z.boolean(),
        value: z.number().nullable(),
        threshold: z.number().nullable(),
        detail: z.record(z.string(), z.unknown()),
        at: timestampSchema,
        driftingSince: timestampSchema.nullable(),
      }),
    ),
  })
  .meta({ id: "ModelDrift" });
