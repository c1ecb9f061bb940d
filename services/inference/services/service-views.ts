/** What is known now about services: who they are, whether they fail, and their risk as last scored. */
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "../../platform/store/database.ts";
import { latestPredictions } from "../../platform/store/predictions-store.ts";
import { type CurrentRisk, currentRisks, lastWindowsAt } from "../../platform/store/risk-reads.ts";
import { listServices, readServices, type ServiceRow } from "../../platform/store/services-store.ts";

export interface ServiceView {
  service: ServiceRow;
  lastWindow: { endMs: EpochMs; failed: boolean | null } | null;
  risk: CurrentRisk | null;
}

interface ViewContext {
  nowMs: EpochMs;
  windowSizeMs: number;
  primaryHorizonMs: number;
}

/** In order of when they were first known. */
export async function listServiceViews(
  db: Database,
  page: { limit: number; after?: number | undefined },
  context: ViewContext,
): Promise<ServiceView[]> {
  const { limit, after } = page;
  return viewsOf(db, await listServices(db, { limit, ...(after === undefined ? {} : { after }) }), context);
}

/** Those scored at the newest closed window, riskiest first at the primary horizon. */
export async function riskiestServiceViews(db: Database, limit: number, context: ViewContext): Promise<ServiceView[]> {
  const ids = (await latestPredictions(db))
    .map(({ serviceId, horizons }) => ({ serviceId, risk: riskAt(horizons, context.primaryHorizonMs) }))
    .sort((a, b) => b.risk - a.risk || a.serviceId - b.serviceId)
    .slice(0, limit)
    .map(({ serviceId }) => serviceId);
  const views = new Map(
    (await viewsOf(db, await readServices(db, ids), context)).map((view) => [view.service.id, view]),
  );
  return ids.flatMap((id) => views.get(id) ?? []);
}

function riskAt(horizons: ReadonlyArray<{ horizonMs: number; probability: number }>, horizonMs: number): number {
  return (horizons.find((horizon) => horizon.horizonMs === horizonMs) ?? horizons.at(-1))?.probability ?? 0;
}

async function viewsOf(db: Database, services: readonly ServiceRow[], context: ViewContext): Promise<ServiceView[]> {
  const ids = services.map(({ id }) => id);
  const risks = await currentRisks(db, ids);
  const lastWindows = await lastWindowsAt(db, ids, context.nowMs, context.windowSizeMs);
  return services.map((service) => ({
    service,
    lastWindow: lastWindows.get(service.id) ?? null,
    risk: risks.get(service.id) ?? null,
  }));
}
