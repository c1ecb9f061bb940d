/** What a training job is told; plain data, so that it crosses to the training process. */
export interface TrainingSettings {
  model: "failure-predictor" | "error-classifier";
  windowSizeMs: number;
  /** horizon that the gate judges */
  horizonMs: number;
  /** those that are asked about while it serves */
  horizonsMs: readonly number[];
  /** use only what had happened by then */
  throughMs: number;
  seed: number;
  epochs: number;
  ensembleSize: number;
  minExamples: number;
  gate: { minAccuracy: number; maxCalibrationError: number };
  /** where a version goes that passes, when there is a champion already */
  promotesTo: "champion" | "challenger" | "shadow";
  /** written into the alias audit */
  requestedBy: string;
}

/** A horizon in whole windows, at least one. */
export function horizonInWindows(horizonMs: number, windowSizeMs: number): number {
  return Math.max(1, Math.round(horizonMs / windowSizeMs));
}

/** Tells how far a job is. @param percent 0..100 over the whole job */
export type Report = (stage: TrainingStage, percent: number, detail?: string) => Promise<void>;

type TrainingStage = "dataset" | "fit" | "evaluate" | "gate" | "register" | "done";
