/** What the worker and the training process say to each other over IPC. */
import { z } from "zod";
import type { TrainingOutcome } from "../services/platform/store/training-jobs-store.ts";
import type { TrainingSettings } from "./settings.ts";

/** The one message to the training process. The database's URL holds a password and so travels here, not on the command line. */
export interface JobOrder {
  databaseUrl: string;
  logLevel: string;
  settings: TrainingSettings;
}

export type JobReport =
  | { kind: "progress"; stage: string; percent: number; detail?: string | undefined }
  | { kind: "done"; outcome: TrainingOutcome }
  | { kind: "failed"; message: string };

/** The training process is our own program, but what arrives is still read and not believed. */
export const jobReportSchema: z.ZodType<JobReport> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("progress"), stage: z.string(), percent: z.number(), detail: z.string().optional() }),
  z.object({
    kind: z.literal("done"),
    outcome: z.object({
      state: z.enum(["promoted", "passed", "rejected", "failed"]),
      version: z.string().nullable(),
      metrics: z.record(z.string(), z.unknown()).nullable(),
      verdict: z.record(z.string(), z.unknown()).nullable(),
      error: z.string().nullable(),
    }),
  }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);
