/** What is known about each service when a window closes: its state by rule and incident, what its callers say, what the fleet does.
 *  Pure, and used alike for closing and for folding history again. */
import type { FleetObservation, WindowObservation } from "../../../models/features/feature-spec.ts";
import type { EpochMs, ServiceIdentity } from "../../../models/telemetry/records.ts";
import { type FailurePolicy, isFailedWindow } from "../../../models/windows/failure.ts";
import type { WindowStats } from "../../../models/windows/window-stats.ts";
import { createCalleeLookup } from "./callees.ts";

export interface WindowSpan {
  startMs: EpochMs;
  sizeMs: number;
}

/** One service in one closed window. */
export interface ServiceWindow {
  service: ServiceIdentity & { id: number };
  /** null: nothing arrived */
  stats: WindowStats | null;
  failed: boolean | null;
  onset: boolean;
  /** kinds of error that this service showed for the first time */
  newFingerprintCount: number;
}

export interface KnownIncident {
  serviceId: number;
  startMs: EpochMs;
  /** null: still open */
  endMs: EpochMs | null;
}

/** Whether the window failed, by rule or because an incident covers a part of it. */
export function judgeWindow(
  serviceId: number,
  stats: WindowStats | null,
  { startMs, sizeMs }: WindowSpan,
  incidents: readonly KnownIncident[],
  policy: FailurePolicy,
): boolean | null {
  const covered = incidents.some(
    (incident) =>
      incident.serviceId === serviceId &&
      incident.startMs < startMs + sizeMs &&
      (incident.endMs === null || incident.endMs > startMs),
  );
  return covered ? true : isFailedWindow(stats, policy);
}

/** @param windows of all services, same span
 *  @returns one observation per window, in order */
export function observeWindows(
  windows: readonly ServiceWindow[],
  { startMs, sizeMs }: WindowSpan,
): WindowObservation[] {
  const fleet = observeFleet(windows);
  const callers = observeCallers(windows);
  return windows.map(({ service, stats, failed, newFingerprintCount }) => ({
    startMs,
    windowSizeMs: sizeMs,
    stats,
    failed,
    newFingerprintCount,
    callers: callers.get(service.id) ?? null,
    fleet,
  }));
}

function observeFleet(windows: readonly ServiceWindow[]): FleetObservation {
  const fleet = { reportingCount: 0, failedCount: 0, onsetCount: 0, requestCount: 0, requestErrorCount: 0 };
  for (const { stats, failed, onset } of windows) {
    if (failed === true) fleet.failedCount++;
    if (onset) fleet.onsetCount++;
    if (stats === null) continue;
    fleet.reportingCount++;
    fleet.requestCount += stats.requestCount;
    fleet.requestErrorCount += stats.requestErrorCount;
  }
  return fleet;
}

interface Calls {
  callCount: number;
  errorCount: number;
}

/** Calls by the service they go to. */
function observeCallers(windows: readonly ServiceWindow[]): Map<number, Calls> {
  const find = createCalleeLookup(windows.map(({ service }) => service));
  const calls = new Map<number, Calls>();
  for (const { service: caller, stats } of windows) {
    for (const [callee, { callCount, errorCount }] of Object.entries(stats?.callees ?? {})) {
      for (const id of find(caller, callee)) {
        const known = calls.get(id) ?? { callCount: 0, errorCount: 0 };
        calls.set(id, { callCount: known.callCount + callCount, errorCount: known.errorCount + errorCount });
      }
    }
  }
  return calls;
}
