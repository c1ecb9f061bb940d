/** Reads the history that a failure predictor learns from out of the store. */
import type { Database } from "../../services/platform/store/database.ts";
import { readPredictionVerdicts } from "../../services/platform/store/feedback-store.ts";
import { readIncidents } from "../../services/platform/store/incidents-store.ts";
import { findVectorRange, readOnsetClasses } from "../../services/platform/store/training-reads.ts";
import { readVectors } from "../../services/platform/store/vectors-store.ts";
import { readFailureHistory } from "../../services/platform/store/windows-store.ts";
import type { ServiceHistory, StoreHistory } from "./history.ts";

interface HistoryQuery {
  specHash: string;
  windowSizeMs: number;
  /** windows until the moment that the gate judges, at least 1: every failure has a vector within them */
  horizonWindows: number;
  /** use only what had happened by then */
  throughMs: number;
}

export interface HistoryLimits {
  /** what fits into a training process beside the fit */
  vectors: number;
  /** the newest so many are looked at: of them the state alone is held */
  windows: number;
}

const LIMITS: HistoryLimits = { vectors: 500_000, windows: 3_000_000 };

/** Reads all windows, and vectors as close together as the limit allows: neighbours say nearly the same, and what happened weeks ago says more
 *  than what happened in between. Where even one vector a horizon is too many, the oldest are left out. */
export async function readHistory(
  db: Database,
  { specHash, windowSizeMs, horizonWindows, throughMs }: HistoryQuery,
  limits: HistoryLimits = LIMITS,
): Promise<StoreHistory> {
  const most = Math.min(limits.windows, limits.vectors * horizonWindows);
  const range = await findVectorRange(db, specHash, throughMs, most);
  if (range === null) return { windowSizeMs, everyWindows: 1, services: [] };
  const everyWindows = Math.ceil(range.vectors / limits.vectors);
  const services = new Map<number, ServiceHistory>();
  const serviceOf = (serviceId: number): ServiceHistory => {
    const known = services.get(serviceId);
    if (known !== undefined) return known;
    const fresh = { serviceId, windows: [], incidents: [], verdicts: [], vectors: [], onsetClasses: new Map() };
    services.set(serviceId, fresh);
    return fresh;
  };
  for await (const { serviceId, atMs, vector } of readVectors(db, specHash, range, { everyWindows, windowSizeMs })) {
    serviceOf(serviceId).vectors.push({ atMs, vector });
  }
  for await (const { serviceId, startMs, failed } of readFailureHistory(db, {
    fromMs: range.fromMs - windowSizeMs,
    throughMs,
    windowSizeMs,
  })) {
    services.get(serviceId)?.windows.push({ startMs, failed });
  }
  for (const { serviceId, startMs, classes } of await readOnsetClasses(db, range, windowSizeMs)) {
    services.get(serviceId)?.onsetClasses.set(startMs, classes);
  }
  for (const incident of await readIncidents(db, { fromMs: range.fromMs - windowSizeMs, toMs: throughMs })) {
    services.get(incident.serviceId)?.incidents.push(incident);
  }
  for (const verdict of await readPredictionVerdicts(db)) {
    if (verdict.atMs <= throughMs) services.get(verdict.serviceId)?.verdicts.push(verdict);
  }
  return { windowSizeMs, everyWindows, services: [...services.values()] };
}
