/** Reads the history that a failure predictor learns from out of the store. */
import type { Database } from "../../services/platform/store/database.ts";
import { readPredictionVerdicts } from "../../services/platform/store/feedback-store.ts";
import { readIncidents } from "../../services/platform/store/incidents-store.ts";
import { findVectorRange, readOnsetClasses } from "../../services/platform/store/training-reads.ts";
import { readVectors } from "../../services/platform/store/vectors-store.ts";
import { readFailureHistory } from "../../services/platform/store/windows-store.ts";
import type { ServiceHistory, StoreHistory } from "./history.ts";

/** Newest vectors that are read at most: what fits into a training process beside the fit. */
const MAX_VECTORS = 500_000;

/** @param throughMs use only what had happened by then */
export async function readHistory(
  db: Database,
  { specHash, windowSizeMs, throughMs }: { specHash: string; windowSizeMs: number; throughMs: number },
): Promise<StoreHistory> {
  const range = await findVectorRange(db, specHash, throughMs, MAX_VECTORS);
  if (range === null) return { windowSizeMs, services: [] };
  const services = new Map<number, ServiceHistory>();
  const serviceOf = (serviceId: number): ServiceHistory => {
    const known = services.get(serviceId);
    if (known !== undefined) return known;
    const fresh = { serviceId, windows: [], incidents: [], verdicts: [], vectors: [], onsetClasses: new Map() };
    services.set(serviceId, fresh);
    return fresh;
  };
  for await (const { serviceId, atMs, vector } of readVectors(db, specHash, range)) {
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
  return { windowSizeMs, services: [...services.values()] };
}
