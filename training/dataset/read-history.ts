/** Reads the history that a failure predictor learns from out of the store. */
import type { Database } from "../../services/platform/store/database.ts";
import { readPredictionVerdicts } from "../../services/platform/store/feedback-store.ts";
import { readIncidents } from "../../services/platform/store/incidents-store.ts";
import {
  findVectorRange,
  readPastVectors,
  readPastWindows,
  servicesWithVectors,
} from "../../services/platform/store/training-reads.ts";
import type { StoreHistory } from "./history.ts";

/** Newest vectors that are read at most: what fits into a training process beside the fit. */
const MAX_VECTORS = 500_000;

/** @param throughMs use only what had happened by then */
export async function readHistory(
  db: Database,
  { specHash, windowSizeMs, throughMs }: { specHash: string; windowSizeMs: number; throughMs: number },
): Promise<StoreHistory> {
  const range = await findVectorRange(db, specHash, throughMs, MAX_VECTORS);
  if (range === null) return { windowSizeMs, services: [] };
  const incidents = await readIncidents(db, { fromMs: range.fromMs, toMs: throughMs });
  const verdicts = (await readPredictionVerdicts(db)).filter((verdict) => verdict.atMs <= throughMs);
  const services: StoreHistory["services"] = [];
  for (const serviceId of await servicesWithVectors(db, specHash, range)) {
    services.push({
      serviceId,
      ...(await readPastWindows(db, serviceId, range, windowSizeMs)),
      incidents: incidents.filter((incident) => incident.serviceId === serviceId),
      verdicts: verdicts.filter((verdict) => verdict.serviceId === serviceId),
      vectors: await readPastVectors(db, serviceId, specHash, range),
    });
  }
  return { windowSizeMs, services };
}
