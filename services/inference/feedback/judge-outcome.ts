/** An operator says what became of a prediction: the next training counts the moment accordingly. */
import type { ServiceIdentity } from "../../../models/telemetry/records.ts";
import { formatDuration } from "../../platform/config/parsers.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Database } from "../../platform/store/database.ts";
import type { FeedbackLabel, Outcome } from "../../platform/store/judgement-tables.ts";
import { findPrediction } from "../../platform/store/predictions-store.ts";
import { serviceIdentities } from "../../platform/store/service-lookup.ts";
import { invalid } from "../http/validation.ts";
import { type OutcomeEffect, TRAINING_ROW_OF } from "./feedback.ts";

export interface OutcomeJudgement {
  serviceId: number;
  atMs: number;
  label: Extract<FeedbackLabel, { outcome: Outcome }>;
  effect: OutcomeEffect;
}

const COUNTED: Readonly<Record<Outcome, string>> = {
  failed: "counts as a failure that was foreseen",
  did_not_fail: "counts as a moment that no failure followed",
  mitigated: "is left out: someone acted on the warning, so what would have come is not known",
};

/** @throws NOT_FOUND for an unknown prediction; INVALID_INPUT for a horizon that it does not have, or for `did_not_fail` before the
 *  horizon has passed */
export async function judgeOutcome(
  db: Database,
  judged: { predictionId: string; outcome: Outcome; horizonMs: number | undefined },
  context: { primaryHorizonMs: number; nowMs: number },
): Promise<OutcomeJudgement> {
  const prediction = await findPrediction(db, judged.predictionId);
  if (prediction === null) throw new HarbingerError("NOT_FOUND", "there is no such prediction");
  const known = prediction.horizons.map(({ horizonMs }) => horizonMs);
  const wantedMs =
    judged.horizonMs ?? (known.includes(context.primaryHorizonMs) ? context.primaryHorizonMs : known.at(-1));
  const horizon = prediction.horizons.find(({ horizonMs }) => horizonMs === wantedMs);
  if (horizon === undefined) {
    const message = `the prediction's horizons are ${known.map(formatDuration).join(", ")}`;
    throw invalid([{ path: "body.label.horizon", message }]);
  }
  const { outcome } = judged;
  const { horizonMs, probability } = horizon;
  const { serviceId, atMs } = prediction;
  if (outcome === "did_not_fail" && atMs + horizonMs > context.nowMs) {
    throw invalid([{ path: "body.label.outcome", message: "the horizon has not passed yet, it may still fail" }]);
  }
  const service = (await serviceIdentities(db, [serviceId])).get(serviceId);
  if (service === undefined) throw new HarbingerError("NOT_FOUND", "the prediction's service is no longer known");
  const sentence = `In the next training ${service.name} at ${new Date(atMs).toISOString()} within ${formatDuration(horizonMs)} ${COUNTED[outcome]}.`;
  return {
    serviceId,
    atMs,
    label: { outcome, horizonMs },
    effect: {
      kind: "outcome",
      service: identityOf(service),
      atMs,
      horizonMs,
      predicted: probability,
      trainingRow: TRAINING_ROW_OF[outcome],
      sentence,
    },
  };
}

function identityOf({ namespace, name, environment }: ServiceIdentity): ServiceIdentity {
  return { namespace, name, environment };
}
