/** What a Harbinger has counted, read from its database and its pages, in a form that two of them can be compared by. */
import pg from "pg";
import { z } from "zod";
import { eventually } from "./cluster.ts";

export interface Ledger {
  received: number;
  merged: number;
  rejected: number;
  duplicate: number;
}

export async function readLedgerTable(databaseUrl: string): Promise<Ledger> {
  const rows = await queryRows(databaseUrl, "select counter, value::float8 as value from ledger");
  const amount = (name: string) => Number(rows.find(({ counter }) => counter === `records.${name}`)?.value ?? 0);
  const [received, merged, rejected, duplicate] = ["received", "merged", "rejected", "duplicate"].map(amount);
  return { received: received!, merged: merged!, rejected: rejected!, duplicate: duplicate! };
}

/** The same from the /metrics page of a process with the features role. */
export async function readLedgerMetrics(pageUrl: string): Promise<Ledger> {
  const page = await (await fetch(`${pageUrl}/metrics`)).text();
  const amount = (outcome: string) =>
    Number(
      new RegExp(`^harbinger_ledger_records_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\S+)`, "m").exec(page)?.[1],
    );
  return {
    received: amount("received"),
    merged: amount("merged"),
    rejected: amount("rejected"),
    duplicate: amount("duplicate"),
  };
}

/** Jobs of the telemetry queue by state, from any process's /metrics. */
export async function readQueueDepth(pageUrl: string): Promise<Record<string, number>> {
  const page = await (await fetch(`${pageUrl}/metrics`)).text();
  const depth: Record<string, number> = {};
  for (const [, labels = "", value] of page.matchAll(/^harbinger_queue_depth\{([^}]*)\} (\S+)/gm)) {
    if (!labels.includes('queue="telemetry"')) continue;
    depth[/state="(\w+)"/.exec(labels)?.[1] ?? ""] = Number(value);
  }
  return depth;
}

export const isDrained = (depth: Record<string, number>): boolean =>
  depth.waiting === 0 && depth.active === 0 && depth.delayed === 0 && depth.failed === 0;

/** Every window in which something arrived, and every group of errors, as text per row: what they count, without what depends on
 *  when it was merged.
 *  @param fleet services whose name begins so */
export async function readCounts(databaseUrl: string, fleet: string): Promise<string[]> {
  const windows = await queryRows(
    databaseUrl,
    `select namespace, name, environment, start_ms, request_count, request_error_count, error_count, error_log_count, stats
     from windows join services on services.id = service_id
     where starts_with(name, $1) and (stats->>'spanCount')::int + (stats->>'logCount')::int
       + (stats->>'metricPointCount')::int + (stats->>'errorCount')::int > 0
     order by name, environment, start_ms`,
    [fleet],
  );
  const errors = await queryRows(
    databaseUrl,
    `select fingerprint, name, environment, activity.first_seen_ms, activity.last_seen_ms, activity.error_count
     from error_group_services as activity join services on services.id = service_id
     where starts_with(name, $1) order by fingerprint, name, environment`,
    [fleet],
  );
  return [...windows, ...errors].map(canonical);
}

/** What closing decided: labels, lateness, vectors. The same wherever nothing came late.
 *  @param throughMs waits until windows are closed so far */
export async function readClosed(databaseUrl: string, fleet: string, throughMs: number): Promise<string[]> {
  await eventually(
    () => queryRows(databaseUrl, "select closed_through_ms::float8 as ms from stream_clock"),
    ([clock]) => Number(clock?.ms) >= throughMs,
    { what: "closing" },
  );
  const rows = await queryRows(
    databaseUrl,
    `select name, environment, start_ms, closed, failed, onset, late_count,
       (select encode(vector, 'hex') from feature_vectors
        where feature_vectors.service_id = windows.service_id and at_ms = start_ms + $2) as vector
     from windows join services on services.id = service_id
     where starts_with(name, $1) order by name, environment, start_ms`,
    [fleet, 60_000],
  );
  return rows.map(canonical);
}

const pageSchema = z.object({
  items: z.array(z.record(z.string(), z.unknown())),
  nextCursor: z.string().nullable(),
});

/** `GET /services/:name/windows`, all pages, oldest first. */
export async function readWindowsOverHttp(apiUrl: string, service: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      limit: "500",
      from: "2020-01-01T00:00:00Z",
      ...(cursor !== null && { cursor }),
    });
    const response = await fetch(`${apiUrl}/services/${service}/windows?${query}`);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const page = pageSchema.parse(await response.json());
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items.reverse();
}

export async function queryRows(
  databaseUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
