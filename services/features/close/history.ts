/** Closed windows as closing them saw them. Pure. */
import type { WindowObservation } from "../../../models/features/feature-spec.ts";
import type { HistoricWindow } from "../../platform/store/closing-store.ts";
import { observeWindows, type WindowSpan } from "./observe.ts";

/** @param rows of all services, same span   @param freshOf new kinds of error by service
 *  @returns one observation per row, in order */
export function observeHistory(
  rows: readonly HistoricWindow[],
  freshOf: ReadonlyMap<number, number>,
  span: WindowSpan,
): { serviceId: number; observation: WindowObservation }[] {
  const windows = rows.map(({ service, stats, failed, onset }) => ({
    ...{ service, failed, onset },
    stats: isSilent(stats) ? null : stats,
    newFingerprintCount: freshOf.get(service.id) ?? 0,
  }));
  // One observation per window.
  const observations = observeWindows(windows, span);
  return windows.map(({ service }, index) => ({ serviceId: service.id, observation: observations[index]! }));
}

/** A silent service's row is empty, and one with records never is. */
function isSilent({ spanCount, logCount, metricPointCount, errorCount }: HistoricWindow["stats"]): boolean {
  return spanCount === 0 && logCount === 0 && metricPointCount === 0 && errorCount === 0;
}
