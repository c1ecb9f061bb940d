/** Failures that services had by a moment: how long each took, what errors it brought, and what was seen just before. */
import { sql } from "kysely";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { bytesToFloats } from "./float32.ts";
import type { Outcome } from "./judgement-tables.ts";

export interface StoredFailure {
  startMs: EpochMs;
  /** start of the first healthy window after it; null when none had been closed by then */
  endMs: EpochMs | null;
  /** error records by class while it lasted, or during its first windows */
  classes: Partial<Record<ErrorClass | "unknown", number>>;
  /** the vector of the moment at which it began; null when there is none of that spec */
  vector: Float32Array | null;
}

/** Windows of a failure whose errors are counted: its beginning says what it was. */
const COUNTED_WINDOWS = 30;

/** The newest failures that had begun, and been closed over, by `endMs`; newest first.
 *  @param specHash of the vectors wanted; null: none */
export async function failuresAt(
  db: Database,
  serviceIds: readonly number[],
  endMs: EpochMs,
  options: { windowSizeMs: number; specHash: string | null; limit: number },
): Promise<Map<number, StoredFailure[]>> {
  if (serviceIds.length === 0) return new Map();
  const { windowSizeMs, specHash, limit } = options;
  const lastStartMs = endMs - windowSizeMs;
  const { rows } = await sql<
    Omit<StoredFailure, "vector" | "classes"> & {
      serviceId: number;
      classes: StoredFailure["classes"] | null;
      vector: Buffer | null;
    }
  >`
    select wanted.id as "serviceId", past.start_ms as "startMs", ended.start_ms as "endMs", mix.classes, before.vector
    from unnest(${[...serviceIds]}::int[]) as wanted(id)
    cross join lateral (
      select start_ms from windows
      where service_id = wanted.id and closed and onset and start_ms <= ${lastStartMs}::bigint
      order by start_ms desc limit ${limit}
    ) as past
    left join lateral (
      select start_ms from windows
      where service_id = wanted.id and closed and failed = false and start_ms > past.start_ms and start_ms <= ${lastStartMs}::bigint
      order by start_ms limit 1
    ) as ended on true
    left join lateral (
      select vector from feature_vectors
      where service_id = wanted.id and at_ms = past.start_ms and spec_hash = ${specHash}
    ) as before on true
    left join lateral (
      select jsonb_object_agg(class, count) as classes
      from (
        select counted.key as class, sum(counted.value::bigint) as count
        from windows cross join lateral jsonb_each_text(stats -> 'classes') as counted
        where service_id = wanted.id and closed and start_ms >= past.start_ms
          and start_ms < coalesce(ended.start_ms, ${endMs}::bigint)
          and start_ms < past.start_ms + ${COUNTED_WINDOWS * windowSizeMs}::bigint
        group by counted.key
      ) as by_class
    ) as mix on true
    order by wanted.id, past.start_ms desc`.execute(db);
  const failures = new Map<number, StoredFailure[]>();
  for (const { serviceId, classes, vector, ...span } of rows) {
    const own = failures.get(serviceId) ?? [];
    own.push({ ...span, classes: classes ?? {}, vector: vector === null ? null : bytesToFloats(vector) });
    failures.set(serviceId, own);
  }
  return failures;
}

/** What an operator said became of a prediction. */
export interface OutcomeNote {
  serviceId: number;
  /** the moment that the prediction was about */
  atMs: EpochMs;
  outcome: Outcome;
  horizonMs: number;
  comment: string | null;
}

/** Judgements on predictions about services that stood at a moment, newest first.
 *  @param limit most in all */
export async function outcomeNotesAt(
  db: Database,
  serviceIds: readonly number[],
  atMs: EpochMs,
  limit: number,
): Promise<Map<number, OutcomeNote[]>> {
  if (serviceIds.length === 0) return new Map();
  const { rows } = await sql<OutcomeNote>`
    select wanted.id as "serviceId", noted."atMs", noted.outcome, noted."horizonMs", noted.comment
    from unnest(${[...serviceIds]}::int[]) as wanted(id)
    cross join lateral (
      select at_ms as "atMs", label ->> 'outcome' as outcome, (label ->> 'horizonMs')::bigint as "horizonMs", comment
      from feedback
      where service_id = wanted.id and prediction_id is not null and target_kind = 'prediction' and at_ms <= ${atMs}::bigint
        and created_at_ms <= ${atMs}::bigint and (withdrawn_at_ms is null or withdrawn_at_ms > ${atMs}::bigint)
      order by seq desc limit ${limit}
    ) as noted`.execute(db);
  const notes = new Map<number, OutcomeNote[]>();
  for (const row of rows) notes.set(row.serviceId, [...(notes.get(row.serviceId) ?? []), row]);
  return notes;
}
