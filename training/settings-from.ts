/** A job's settings: the configuration, with what the request says instead. */
import type { Config } from "../services/platform/config/config.ts";
import type { TrainingJobRequest } from "../services/platform/queue/training-job.ts";
import type { TrainingSettings } from "./settings.ts";

/** @param nowMs the end of the history when the request names none */
export function settingsFrom(
  config: Pick<Config, "windows" | "horizonsMs" | "primaryHorizonMs" | "training">,
  nowMs: number,
  request: Pick<TrainingJobRequest, "model" | "params" | "requestedBy">,
): TrainingSettings {
  const { training } = config;
  const params = request.params ?? {};
  return {
    model: request.model,
    windowSizeMs: config.windows.sizeMs,
    horizonMs: params.horizonMs ?? config.primaryHorizonMs,
    horizonsMs: config.horizonsMs,
    throughMs: params.throughMs ?? nowMs,
    seed: params.seed ?? training.seed,
    epochs: params.epochs ?? training.epochs,
    ensembleSize: training.ensembleSize,
    minExamples: training.minExamples,
    gate: training.gate,
    promotesTo: training.promotesTo,
    requestedBy: request.requestedBy,
  };
}
