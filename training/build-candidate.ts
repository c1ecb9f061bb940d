/** Which model is made how. */
import { FEATURE_SPEC } from "../models/features/fold.ts";
import type { Database } from "../services/platform/store/database.ts";
import { readClassLabels } from "../services/platform/store/feedback-store.ts";
import type { Candidate } from "./candidate.ts";
import { readHistory } from "./dataset/read-history.ts";
import { buildPredictorCandidate, type Refused } from "./predictor-candidate.ts";
import { horizonInWindows, type Report, type TrainingSettings } from "./settings.ts";

export async function buildCandidate(
  db: Database,
  settings: TrainingSettings,
  report: Report,
): Promise<Candidate | Refused> {
  if (settings.model === "failure-predictor") {
    const { windowSizeMs, horizonMs, throughMs } = settings;
    const horizonWindows = horizonInWindows(horizonMs, windowSizeMs);
    const history = await readHistory(db, { specHash: FEATURE_SPEC.hash, windowSizeMs, horizonWindows, throughMs });
    return buildPredictorCandidate(history, settings, report);
  }
  // Loaded only when asked for: each model's training is a heavy import.
  const { buildClassifierCandidate } = await import("./classifier/build-classifier-candidate.ts");
  const labels = (await readClassLabels(db)).filter((label) => label.createdAtMs <= settings.throughMs);
  return buildClassifierCandidate({ labels, seed: settings.seed, log: (line) => void report("fit", 40, line) });
}
