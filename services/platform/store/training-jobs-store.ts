/** Training jobs as operators see them. A row moves queued → running → promoted | passed | rejected | failed and then stays; the
 *  queue's own job may be retried meanwhile. */
import type { Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { RegistryTables, TrainingJobState } from "./registry-tables.ts";

export interface NewTrainingJob {
  id: string;
  model: string;
  requestedBy: string;
  reason: string;
  /** what called for a job that nobody asked for */
  because?: string;
  params: Record<string, unknown>;
  createdAtMs: number;
}

export interface TrainingProgress {
  stage: string;
  /** 0..100 over the whole job */
  percent: number;
  detail?: string;
}

export interface TrainingJobRow {
  id: string;
  model: string;
  state: TrainingJobState;
  progress: TrainingProgress | null;
  requestedBy: string;
  reason: string;
  because: string | null;
  params: Record<string, unknown>;
  createdAtMs: number;
  startedAtMs: number | null;
  heartbeatMs: number | null;
  finishedAtMs: number | null;
  version: string | null;
  metrics: Record<string, unknown> | null;
  verdict: Record<string, unknown> | null;
  error: string | null;
}

export interface TrainingOutcome {
  state: Exclude<TrainingJobState, "queued" | "running">;
  version: string | null;
  metrics: Record<string, unknown> | null;
  verdict: Record<string, unknown> | null;
  error: string | null;
}

const OPEN_STATES: TrainingJobState[] = ["queued", "running"];

/** Writes a job as queued; a second call with the same id changes nothing. */
export async function createTrainingJob(db: Database, job: NewTrainingJob): Promise<void> {
  await db
    .insertInto("training_jobs")
    .values({
      id: job.id,
      model: job.model,
      state: "queued",
      requested_by: job.requestedBy,
      reason: job.reason,
      because: job.because ?? null,
      params: JSON.stringify(job.params),
      created_at_ms: job.createdAtMs,
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}

/** queued or (after a crash) running → running.
 *  @returns false when the job has already ended: then it must not run again */
export async function startTrainingJob(db: Database, id: string, atMs: number): Promise<boolean> {
  const result = await db
    .updateTable("training_jobs")
    .set({ state: "running", started_at_ms: atMs, heartbeat_ms: atMs })
    .where("id", "=", id)
    .where("state", "in", OPEN_STATES)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** running → queued: whoever ran it stops and the queue will bring it again. */
export async function requeueTrainingJob(db: Database, id: string): Promise<void> {
  await db
    .updateTable("training_jobs")
    .set({ state: "queued", progress: null, started_at_ms: null, heartbeat_ms: null })
    .where("id", "=", id)
    .where("state", "=", "running")
    .execute();
}

/** Sign of life, with the progress when there is news. Ignored once the job has ended. */
export async function beatTrainingJob(
  db: Database,
  id: string,
  atMs: number,
  progress?: TrainingProgress,
): Promise<void> {
  await db
    .updateTable("training_jobs")
    .set({ heartbeat_ms: atMs, ...(progress === undefined ? {} : { progress: JSON.stringify(progress) }) })
    .where("id", "=", id)
    .where("state", "=", "running")
    .execute();
}

/** queued or running → a final state.
 *  @returns false when it had ended before; the first ending stands */
export async function finishTrainingJob(
  db: Database,
  id: string,
  atMs: number,
  outcome: TrainingOutcome,
): Promise<boolean> {
  const result = await db
    .updateTable("training_jobs")
    .set({
      state: outcome.state,
      finished_at_ms: atMs,
      version: outcome.version,
      metrics: outcome.metrics === null ? null : JSON.stringify(outcome.metrics),
      verdict: outcome.verdict === null ? null : JSON.stringify(outcome.verdict),
      error: outcome.error,
    })
    .where("id", "=", id)
    .where("state", "in", OPEN_STATES)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function readTrainingJob(db: Database, id: string): Promise<TrainingJobRow | null> {
  const row = await db.selectFrom("training_jobs").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toJob(row);
}

/** @returns newest first */
export async function listTrainingJobs(
  db: Database,
  filter: { model?: string; limit: number },
): Promise<TrainingJobRow[]> {
  let query = db.selectFrom("training_jobs").selectAll();
  if (filter.model !== undefined) query = query.where("model", "=", filter.model);
  const rows = await query.orderBy("created_at_ms", "desc").limit(filter.limit).execute();
  return rows.map(toJob);
}

/** Ends jobs that gave no sign of life since `lastBeatMs`: the process that ran them was killed and the queue did not bring them again,
 *  or (with `queueIsEmpty`) they wait for a queue that does not know them.
 *  @returns the ids that were ended */
export async function failSilentTrainingJobs(
  db: Database,
  { lastBeatMs, atMs, queueIsEmpty }: { lastBeatMs: number; atMs: number; queueIsEmpty: boolean },
): Promise<string[]> {
  const end = (state: TrainingJobState, lastSign: "heartbeat_ms" | "created_at_ms", error: string) =>
    db
      .updateTable("training_jobs")
      .set({ state: "failed", finished_at_ms: atMs, error })
      .where("state", "=", state)
      .where(lastSign, "<", lastBeatMs)
      .returning("id")
      .execute();
  const dead = await end("running", "heartbeat_ms", "the process that ran the job ended before it was done");
  const lost = queueIsEmpty ? await end("queued", "created_at_ms", "the queue lost the job before it was started") : [];
  return [...dead, ...lost].map((row) => row.id);
}

function toJob(row: Selectable<RegistryTables["training_jobs"]>): TrainingJobRow {
  return {
    id: row.id,
    model: row.model,
    state: row.state,
    progress: row.progress,
    requestedBy: row.requested_by,
    reason: row.reason,
    because: row.because,
    params: row.params,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    heartbeatMs: row.heartbeat_ms,
    finishedAtMs: row.finished_at_ms,
    version: row.version,
    metrics: row.metrics,
    verdict: row.verdict,
    error: row.error,
  };
}
