/** Starts trainings when drift or feedback calls for them. */
import type { RetrainingSettings } from "../../models/lifecycle/retraining-policy.ts";
import { ERROR_CLASSIFIER, FAILURE_PREDICTOR } from "../platform/serving/definitions.ts";
import { listTrainingJobs } from "../platform/store/training-jobs-store.ts";
import type { TrainingRequestDeps } from "../platform/training/request-training.ts";
import { type Consideration, considerRetraining } from "../platform/training/retraining.ts";
import type { LifecycleDeps } from "./deps.ts";
import { withWatch } from "./with-watch.ts";

export interface RetrainDeps extends LifecycleDeps {
  queue: TrainingRequestDeps["queue"];
  retraining: RetrainingSettings;
  onStart(model: string, reason: string): void;
}

/** The classifier learns from labels alone: with fewer new ones, training again would give the same model. */
const MIN_NEW_CLASS_LABELS = 5;

/** Considers both models. */
export async function retrainWhenCalledFor(deps: RetrainDeps): Promise<void> {
  const { retraining } = deps;
  const outcomes = (await countNewOutcomes(deps)) ?? 0;
  report(deps, FAILURE_PREDICTOR, await considerRetraining(deps, FAILURE_PREDICTOR, retraining, () => outcomes));
  const forLabels = { ...retraining, minNewExamples: MIN_NEW_CLASS_LABELS };
  report(deps, ERROR_CLASSIFIER, await considerRetraining(deps, ERROR_CLASSIFIER, forLabels, (labels) => labels));
}

function report({ logger, onStart }: RetrainDeps, model: string, { decision, trainingJobId }: Consideration): void {
  if (!decision.start) return;
  onStart(model, decision.reason);
  logger.info({ model, trainingJobId, reason: decision.reason, because: decision.because }, "a training was started");
}

/** Outcomes that have become known since the newest job was first seen here. */
function countNewOutcomes(deps: RetrainDeps): Promise<number | null> {
  return withWatch(deps, async (transaction, state) => {
    const [newest] = await listTrainingJobs(transaction, { model: FAILURE_PREDICTOR, limit: 1 });
    const isKnown = newest === undefined || state.lastJob?.id === newest.id;
    const lastJob = isKnown ? state.lastJob : { id: newest.id, outcomes: state.outcomes };
    return { state: { ...state, lastJob }, result: state.outcomes - (lastJob?.outcomes ?? 0) };
  });
}
