/** Windows: what each service did in each span of event time. */
import { sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { WindowStats } from "../../../models/windows/window-stats.ts";
import type { Database } from "./database.ts";
import { jsonLines } from "./json-lines.ts";

export interface StoredWindow {
  startMs: EpochMs;
  stats: WindowStats;
  closed: boolean;
  /** as known when the window was closed; null before, and where neither can be said */
  failed: boolean | null;
  onset: boolean;
  /** records merged after the close */
  lateCount: number;
}

export interface WindowKey {
  serviceId: number;
  startMs: EpochMs;
}

/** Windows of one service with fromMs <= start < toMs, oldest first; the newest ones when there are more than `limit`. */
export async function readWindows(
  db: Database,
  serviceId: number,
  range: { fromMs: EpochMs; toMs: EpochMs; limit: number },
): Promise<StoredWindow[]> {
  const rows = await db
    .selectFrom("windows")
    .select(["start_ms", "stats", "closed", "failed", "onset", "late_count"])
    .where("service_id", "=", serviceId)
    .where("start_ms", ">=", range.fromMs)
    .where("start_ms", "<", range.toMs)
    .orderBy("start_ms", "desc")
    .limit(range.limit)
    .execute();
  return rows.reverse().map((row) => ({
    startMs: row.start_ms,
    stats: row.stats,
    closed: row.closed,
    failed: row.failed,
    onset: row.onset,
    lateCount: row.late_count,
  }));
}

export interface FailureHistoryRow extends WindowKey {
  failed: boolean | null;
  onset: boolean;
  requestCount: number;
}

const HISTORY_PAGE = 10_000;

/** Closed windows of all services, service by service and oldest first within each, read page by page.
 *  @param range of starts, `fromMs` inclusive, `throughMs` the end of the last window: a window that ends later is left out */
export async function* readFailureHistory(
  db: Database,
  range: { fromMs?: EpochMs; throughMs?: EpochMs; windowSizeMs?: number } = {},
): AsyncGenerator<FailureHistoryRow> {
  const fromMs = range.fromMs ?? 0;
  const lastStartMs = (range.throughMs ?? Number.MAX_SAFE_INTEGER) - (range.windowSizeMs ?? 0);
  let after: WindowKey = { serviceId: 0, startMs: 0 };
  while (true) {
    const { rows } = await sql<FailureHistoryRow>`
      select service_id as "serviceId", start_ms as "startMs", failed, onset, request_count as "requestCount"
      from windows
      where (service_id, start_ms) > (${after.serviceId}::int, ${after.startMs}::bigint)
        and start_ms >= ${fromMs}::bigint and start_ms <= ${lastStartMs}::bigint and closed
      order by service_id, start_ms
      limit ${HISTORY_PAGE}`.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < HISTORY_PAGE) return;
    after = last;
  }
}

interface LockedWindow extends WindowKey {
  stats: WindowStats;
  closed: boolean;
}

/** Makes sure that the rows exist. All of a transaction's come first, before it locks any, and each step keeps one order everywhere:
 *  then two workers never wait for each other in a circle.
 *  @param keys ascending by service, then start; each once */
export async function ensureWindows(db: Database, keys: readonly WindowKey[], empty: WindowStats): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    insert into windows (service_id, start_ms, stats)
    select service_id, start_ms, ${JSON.stringify(empty)}::jsonb
    from unnest(${keys.map((key) => key.serviceId)}::int[], ${keys.map((key) => key.startMs)}::bigint[])
      as wanted (service_id, start_ms)
    where not exists (
      select from windows
      where windows.service_id = wanted.service_id and windows.start_ms = wanted.start_ms)
    on conflict (service_id, start_ms) do nothing`.execute(db);
}

/** Locks windows and reads them.
 *  @param keys ascending by service, then start; each once
 *  @returns the statistics so far, in the order of `keys`, of those that exist */
export async function lockWindows(db: Database, keys: readonly WindowKey[]): Promise<LockedWindow[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<LockedWindow>`
    select windows.service_id as "serviceId", windows.start_ms as "startMs", windows.stats, windows.closed
    from windows
    join unnest(${keys.map((key) => key.serviceId)}::int[], ${keys.map((key) => key.startMs)}::bigint[])
      as wanted (service_id, start_ms) using (service_id, start_ms)
    order by windows.service_id, windows.start_ms
    for update of windows`.execute(db);
  return rows;
}

export interface WindowUpdate extends WindowKey {
  stats: WindowStats;
  closed: boolean;
  /** records of this update that came after the close */
  addedLateCount: number;
}

export async function writeWindows(db: Database, windows: readonly WindowUpdate[]): Promise<void> {
  if (windows.length === 0) return;
  await sql`
    update windows
    set stats = merged.stats::jsonb,
        request_count = merged.request_count,
        request_error_count = merged.request_error_count,
        error_count = merged.error_count,
        error_log_count = merged.error_log_count,
        late_count = windows.late_count + merged.late_count,
        closed = merged.closed
    from unnest(${windows.map((one) => one.serviceId)}::int[], ${windows.map((one) => one.startMs)}::bigint[],
      ${jsonLines(windows.map((one) => one.stats))},
      ${windows.map((one) => one.stats.requestCount)}::bigint[],
      ${windows.map((one) => one.stats.requestErrorCount)}::bigint[],
      ${windows.map((one) => one.stats.errorCount)}::bigint[],
      ${windows.map((one) => one.stats.errorLogCount)}::bigint[],
      ${windows.map((one) => one.addedLateCount)}::int[], ${windows.map((one) => one.closed)}::boolean[])
      as merged (service_id, start_ms, stats, request_count, request_error_count, error_count, error_log_count,
        late_count, closed)
    where windows.service_id = merged.service_id and windows.start_ms = merged.start_ms`.execute(db);
}

/** Start of the oldest window that is not closed and starts at `fromMs` or later. */
export async function oldestOpenWindow(db: Database, fromMs: EpochMs | null): Promise<EpochMs | null> {
  let select = db
    .selectFrom("windows")
    .select((expression) => expression.fn.min("start_ms").as("startMs"))
    .where("closed", "=", false);
  if (fromMs !== null) select = select.where("start_ms", ">=", fromMs);
  const row = await select.executeTakeFirst();
  return row?.startMs ?? null;
}
