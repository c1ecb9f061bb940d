/** Signals that the world of a model has changed. Whoever measures one writes its newest verdict here; the lifecycle role reads them all
 *  and may start a training. */
import { type Selectable, sql } from "kysely";
import type { Database } from "./database.ts";
import type { LifecycleTables } from "./lifecycle-tables.ts";

export interface DriftVerdict {
  /** what was looked at, e.g. `inputs.latency` or `loss` */
  signal: string;
  /** of the model that it is about; null: a shipped one */
  version: string | null;
  drifting: boolean;
  /** what was measured, and from which value on it counts as drift; null: nothing to measure */
  value: number | null;
  threshold: number | null;
  detail: Record<string, unknown>;
}

export interface DriftSignal extends DriftVerdict {
  name: string;
  /** processing time of the verdict */
  atMs: number;
  /** processing time since when it says so without a break; null: it does not */
  driftingSinceMs: number | null;
}

/** @param atMs processing time */
export async function writeDriftVerdicts(
  db: Database,
  name: string,
  verdicts: readonly DriftVerdict[],
  atMs: number,
): Promise<void> {
  for (const { signal, version, drifting, value, threshold, detail } of verdicts) {
    await sql`
      insert into model_drift as known (name, signal, version, drifting, value, threshold, detail, at_ms, drifting_since_ms)
      values (${name}, ${signal}, ${version}, ${drifting}, ${value}, ${threshold}, ${JSON.stringify(detail)}::jsonb, ${atMs},
        ${drifting ? atMs : null})
      on conflict (name, signal) do update
      set version = excluded.version, drifting = excluded.drifting, value = excluded.value, threshold = excluded.threshold,
          detail = excluded.detail, at_ms = excluded.at_ms,
          drifting_since_ms = case
            when not excluded.drifting then null
            when known.version is not distinct from excluded.version then coalesce(known.drifting_since_ms, excluded.at_ms)
            else excluded.at_ms end`.execute(db);
  }
}

/** Forgets what was said about other versions than the one that serves now. */
export async function forgetDriftOfOthers(db: Database, name: string, version: string | null): Promise<void> {
  await sql`delete from model_drift where name = ${name} and version is distinct from ${version}`.execute(db);
}

/** @param name of one model; all when absent */
export async function readDriftSignals(db: Database, name?: string): Promise<DriftSignal[]> {
  let query = db.selectFrom("model_drift").selectAll().orderBy("name").orderBy("signal");
  if (name !== undefined) query = query.where("name", "=", name);
  return (await query.execute()).map(toSignal);
}

function toSignal(row: Selectable<LifecycleTables["model_drift"]>): DriftSignal {
  return {
    name: row.name,
    signal: row.signal,
    version: row.version,
    drifting: row.drifting,
    value: row.value,
    threshold: row.threshold,
    detail: row.detail,
    atMs: row.at_ms,
    driftingSinceMs: row.drifting_since_ms,
  };
}
