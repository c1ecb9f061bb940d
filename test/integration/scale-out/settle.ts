/** How the tests of this folder end: everything merged, the ledger balanced, the windows as one process alone counts them. */
import { isDeepStrictEqual } from "node:util";
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
  readWindowsOverHttp,
} from "../../helpers/telemetry-totals.ts";

export const recordsOf = (requests: readonly ExportRequest[]): number =>
  requests.reduce((sum, request) => sum + request.recordCount, 0);
export const rejectedOf = (requests: readonly ExportRequest[]): number =>
  requests.reduce((sum, request) => sum + request.rejectedCount, 0);

/** Waits until all that was acknowledged has been merged and nothing waits any more.
 *  @param pageUrl of any process
 *  @param before records that the ledger had before these requests */
export async function settled(
  databaseUrl: string,
  pageUrl: () => string,
  requests: readonly ExportRequest[],
  before = 0,
): Promise<Ledger> {
  const expected = before + recordsOf(requests);
  await eventually(
    () => readLedgerTable(databaseUrl),
    ({ merged, rejected }) => merged + rejected >= expected,
    { what: `merging all ${expected} records` },
  );
  await eventually(() => readQueueDepth(pageUrl()), isDrained, { what: "an empty queue without failed jobs" });
  return readLedgerTable(databaseUrl);
}

/** sent = merged + rejected + duplicates: each distinct record once, and every further copy a duplicate.
 *  @param mayRedeliver whether the queue may have delivered a job again, because nobody said any more that it was done */
export function expectBalance(ledger: Ledger, account: DeliveryAccount, { mayRedeliver = false } = {}): void {
  const distinct = recordsOf(account.acknowledged);
  const rejected = rejectedOf(account.acknowledged);
  expect({ merged: ledger.merged, rejected: ledger.rejected }).toEqual({ merged: distinct - rejected, rejected });
  expect(ledger.received).toBe(ledger.merged + ledger.rejected + ledger.duplicate);
  // A copy whose answer was lost may have been taken or not; one that was acknowledged has been, one never sent has not.
  expect(ledger.received).toBeGreaterThanOrEqual(account.acknowledgedCopies);
  if (!mayRedeliver) expect(ledger.received).toBeLessThanOrEqual(account.sentCopies);
}

export function since(before: Ledger, after: Ledger): Ledger {
  return {
    received: after.received - before.received,
    merged: after.merged - before.merged,
    rejected: after.rejected - before.rejected,
    duplicate: after.duplicate - before.duplicate,
  };
}

/** Each worker's page says what the table says. A job that is delivered again may still add copies, so both are read until they agree. */
export async function expectPagesAgree(cluster: Cluster, databaseUrl: string): Promise<void> {
  for (const url of cluster.apiUrls("features")) {
    await eventually(
      () => Promise.all([readLedgerMetrics(url), readLedgerTable(databaseUrl)]),
      ([page, table]) => isDeepStrictEqual(page, table),
      { what: "a worker's page that says what the table says" },
    );
  }
}

/** Shows the rows that differ and not the hundreds that do not. */
export function expectSameRows(actual: readonly string[], expected: readonly string[]): void {
  const [have, want] = [new Set(actual), new Set(expected)];
  expect({
    extra: actual.filter((row) => !want.has(row)).slice(0, 3),
    missing: expected.filter((row) => !have.has(row)).slice(0, 3),
    count: actual.length,
  }).toEqual({ extra: [], missing: [], count: expected.length });
}

/** All API processes tell the same of these services, and of what counts the same as another process does. */
export async function expectApisAgree(
  apiUrls: readonly string[],
  referenceUrl: string,
  services: readonly string[],
): Promise<void> {
  for (const service of services) {
    // Windows may still be closing between one answer and the next.
    const [first = []] = await eventually(
      () => Promise.all(apiUrls.map((url) => readWindowsOverHttp(url, service))),
      ([one, ...others]) => others.every((other) => isDeepStrictEqual(other, one)),
      { what: `one answer about ${service} from all API processes` },
    );
    expect(withRecords(first)).toEqual(withRecords(await readWindowsOverHttp(referenceUrl, service)));
  }
}

/** Without the empty windows that closing adds, and without what depends on when something was merged. */
function withRecords(windows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return windows
    .filter((window) => ["requestCount", "callCount", "errorCount", "errorLogCount"].some((name) => window[name] !== 0))
    .map(({ closed: _closed, failed: _failed, onset: _onset, lateCount: _lateCount, ...counts }) => counts);
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
