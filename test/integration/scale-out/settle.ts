/** How the tests of this folder end: everything merged, the ledger balanced, the windows as one process alone counts them. */
import { expect } from "vitest";
import { type Cluster, eventually } from "../../helpers/cluster.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { createExporter, type DeliveryAccount, type ExportRequest } from "../../helpers/otlp-exporter.ts";
import { exportRequest } from "../../helpers/otlp-load.ts";
import { nanos, resource, tracesRequest } from "../../helpers/otlp-payloads.ts";
import {
  isDrained,
  type Ledger,
  readLedgerMetrics,
  readLedgerTable,
  readQueueDepth,
} from "../../helpers/telemetry-totals.ts";

export const recordsOf = (requests: readonly ExportRequest[]): number =>
  requests.reduce((sum, request) => sum + request.recordCount, 0);
export const rejectedOf = (requests: readonly ExportRequest[]): number =>
  requests.reduce((sum, request) => sum + request.rejectedCount, 0);

/** Waits until all that was acknowledged has been merged and nothing waits any more.
 *  @param pageUrl of any process */
export async function settled(
  databaseUrl: string,
  pageUrl: () => string,
  requests: readonly ExportRequest[],
): Promise<Ledger> {
  const expected = recordsOf(requests);
  await eventually(
    () => readLedgerTable(databaseUrl),
    ({ merged, rejected }) => merged + rejected >= expected,
    { what: `merging all ${expected} records` },
  );
  await eventually(() => readQueueDepth(pageUrl()), isDrained, { what: "an empty queue without failed jobs" });
  return readLedgerTable(databaseUrl);
}

/** sent = merged + rejected + duplicates: each distinct record once, and every further copy a duplicate. */
export function expectBalance(ledger: Ledger, account: DeliveryAccount): void {
  const distinct = recordsOf(account.acknowledged);
  const rejected = rejectedOf(account.acknowledged);
  expect({ merged: ledger.merged, rejected: ledger.rejected }).toEqual({ merged: distinct - rejected, rejected });
  expect(ledger.received).toBe(ledger.merged + ledger.rejected + ledger.duplicate);
  // A copy whose answer was lost may have been taken or not; one that was acknowledged has been, one never sent has not.
  expect(ledger.received).toBeGreaterThanOrEqual(account.acknowledgedCopies);
  expect(ledger.received).toBeLessThanOrEqual(account.sentCopies);
}

/** Each worker's page says what the table says. */
export async function expectPagesAgree(cluster: Cluster, ledger: Ledger): Promise<void> {
  for (const url of cluster.apiUrls("features")) expect(await readLedgerMetrics(url)).toEqual(ledger);
}

export interface Reference {
  databaseUrl: string;
  process: HarbingerProcess;
  /** sends all of it and waits until it is counted */
  count(requests: readonly ExportRequest[]): Promise<void>;
  dispose(): Promise<void>;
}

/** One process alone, with its queue in its own database: what it makes of an input is what a cluster must make of it. */
export async function startReference(env: Record<string, string>): Promise<Reference> {
  const database = await createEmptyDatabase();
  const process = await startHarbinger({
    env: {
      HARBINGER_LOG_LEVEL: "warn",
      ...env,
      HARBINGER_ROLES: "receiver,features,inference",
      DATABASE_URL: database.url,
    },
    readyTimeoutMs: 120_000,
  });
  const sent: ExportRequest[] = [];
  return {
    databaseUrl: database.url,
    process,
    count: async (requests) => {
      const exporter = createExporter({ urls: () => [process.otlpUrl], senders: 4, random: () => 1 });
      await exporter.deliver(requests.values());
      sent.push(...requests);
      await settled(database.url, () => process.apiUrl, sent);
    },
    dispose: async () => {
      await process.dispose();
      await database.drop();
    },
  };
}

/** One healthy request served by a service of its own: it moves the watermark. */
export function tick(timeMs: number): ExportRequest {
  const span = {
    ...{ traceId: "0f".repeat(16), spanId: "0f".repeat(8), name: "tick", kind: 2, status: {} },
    ...{ startTimeUnixNano: nanos(timeMs - 1), endTimeUnixNano: nanos(timeMs) },
  };
  return exportRequest("traces", tracesRequest([span], resource("ticker")), 1);
}
