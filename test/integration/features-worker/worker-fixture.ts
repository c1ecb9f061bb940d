/** The features worker's parts on a database of their own, with a clock that is set by hand and a classifier that knows one word. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { createErrorReader } from "../../../models/classifier/error-reader.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import type { ErrorRecord, ServiceIdentity, TelemetryBatch } from "../../../models/telemetry/records.ts";
import { DEFAULT_NAME_BOUNDS } from "../../../models/windows/bounded-map.ts";
import { createWindowBuilder } from "../../../models/windows/window-builder.ts";
import { windowStart } from "../../../models/windows/window-time.ts";
import { type CloseDeps, closeNextWindow } from "../../../services/features/close/close-window.ts";
import { type Closer, type CloserDeps, createCloser } from "../../../services/features/close/closer.ts";
import { createFoldMemory } from "../../../services/features/close/fold-memory.ts";
import { refoldIfSpecChanged } from "../../../services/features/close/refold.ts";
import type { MergeDeps } from "../../../services/features/merge/merge-job.ts";
import type { ErrorJudgement } from "../../../services/platform/classification/error-classifier.ts";
import { newUuid } from "../../../services/platform/clock.ts";
import { createGroupingSource } from "../../../services/platform/grouping/grouping-source.ts";
import type { ModelSlot } from "../../../services/platform/serving/model-slot.ts";
import type { Database } from "../../../services/platform/store/database.ts";
import { createTestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

export const SIZE_MS = 60_000;
/** 2026-03-02T12:00:00Z, on the edge of a window */
export const T0 = 1_772_452_800_000;

export interface Fixture {
  db: Database;
  url: string;
  clock: { nowMs: number; now(): number };
  mergeDeps: MergeDeps;
  queue: { waiting: number; active: number; delayed: number; failed: number };
  slot: { current: ModelSlot<PredictorManifest> };
  /** a worker that begins now, as after a restart */
  newCloser(settings?: Partial<CloserDeps & CloseDeps>): Closer;
  /** empties every table */
  clear(): Promise<void>;
  drop(): Promise<void>;
}

export async function createFixture(): Promise<Fixture> {
  const database = await createTestDatabase();
  const { db } = database;
  const clock = { nowMs: T0, now: () => clock.nowMs };
  const queue = { waiting: 0, active: 0, delayed: 0, failed: 0 };
  const slot: Fixture["slot"] = { current: { state: "empty" } };
  return {
    ...{ db, url: database.url, clock, queue, slot },
    mergeDeps: {
      ...{
        db,
        clock,
        logger: silentLogger,
        windowSizeMs: SIZE_MS,
        maxServices: 100,
        maxErrorGroups: 100,
        nameBounds: DEFAULT_NAME_BOUNDS,
      },
      classifier: { judge: async (questions) => questions.map(({ error }) => judgeByWord(error.root.message)) },
      reader: createErrorReader(),
      grouping: createGroupingSource(),
      onFallback: () => {},
    },
    newCloser: (settings = {}) => {
      const closeDeps: CloseDeps = {
        ...{ db, clock, logger: silentLogger, newId: newUuid, windowSizeMs: SIZE_MS, memory: createFoldMemory() },
        policy: { errorRatio: 0.5, minRequests: 5, errorLogCount: 20 },
        serviceRetireAfterMs: 24 * 3_600_000,
        horizonsMs: [5 * SIZE_MS, 15 * SIZE_MS],
        primaryHorizonMs: 15 * SIZE_MS,
        predictor: () => slot.current,
        onFallback: () => {},
        ...settings,
      };
      return createCloser({
        ...{ db, clock, logger: silentLogger, windowSizeMs: SIZE_MS },
        ...{ allowedLatenessMs: 10_000, idleTimeoutMs: 120_000, closeIntervalMs: 1_000 },
        closeNext: (moment) => closeNextWindow(moment, closeDeps),
        refold: () => refoldIfSpecChanged(closeDeps),
        queueDepth: async () => ({ ...queue }),
        onClosed: () => {},
        ...settings,
      });
    },
    clear: () => clear(db),
    drop: () => database.drop(),
  };
}

async function clear(db: Database): Promise<void> {
  await sql`truncate predictions, feature_vectors, feature_states, windows, error_group_services, error_groups, error_sightings,
    ingested_batches, services, ledger, incidents, stream_clock`.execute(db);
  await db.insertInto("stream_clock").values({ id: 1 }).execute();
}

function judgeByWord(message: string): ErrorJudgement {
  const isTimeout = message.includes("timed out");
  return {
    class: isTimeout ? "timeout" : "unknown",
    probability: isTimeout ? 0.9 : 0.2,
    abstained: !isTimeout,
  };
}

export function service(name: string, environment = "prod"): ServiceIdentity {
  return { namespace: "", name, environment };
}

export interface Traffic {
  service: string;
  atMs: number;
  requests?: number;
  failures?: number;
  errorLogs?: number;
  calls?: { callee: string; count: number; errors: number };
}

/** A batch as a receiver makes it; its id is that of its content. */
export function batch(
  traffic: readonly Traffic[],
  options: { errors?: ErrorRecord[]; receivedAtMs?: number; salt?: string } = {},
): TelemetryBatch {
  const { errors = [], salt = "" } = options;
  const windows = traffic.map((one) => {
    const builder = createWindowBuilder();
    for (let index = 0; index < (one.requests ?? 0); index++) {
      builder.span();
      builder.request({ durationMs: 10 + index * 0.1, isError: index < (one.failures ?? 0) });
    }
    for (let index = 0; index < (one.errorLogs ?? 0); index++) builder.log({ severityNumber: 17, isError: true });
    for (let index = 0; index < (one.calls?.count ?? 0); index++) {
      const { callee, errors: failed } = one.calls ?? { callee: "", errors: 0 };
      builder.span();
      builder.call({ callee, durationMs: 3, isError: index < failed });
    }
    return { service: service(one.service), startMs: windowStart(one.atMs, SIZE_MS), stats: builder.build() };
  });
  const times = [...traffic.map((one) => one.atMs), ...errors.map((error) => error.timeMs)];
  const recordCount = windows.reduce((sum, { stats }) => sum + stats.spanCount + stats.logCount, 0);
  const maxEventTimeMs = times.length === 0 ? null : Math.max(...times);
  return {
    format: 1,
    batchId: createHash("sha256")
      .update(JSON.stringify([traffic, errors, salt]))
      .digest("hex"),
    signal: "traces",
    receivedAtMs: options.receivedAtMs ?? (maxEventTimeMs ?? T0) + 500,
    windowSizeMs: SIZE_MS,
    recordCount,
    rejected: {},
    maxEventTimeMs,
    windows,
    errors,
  };
}

export function error(name: string, timeMs: number, fields: Partial<ErrorRecord> = {}): ErrorRecord {
  return {
    service: service(name),
    timeMs,
    source: "span_event",
    exceptionType: "java.net.SocketTimeoutException",
    exceptionMessage: "Read timed out",
    attributes: {},
    ...fields,
  };
}

/** Everything that merging and closing decide, as one comparable value; ids of predictions are left out, they are random. */
export async function snapshot(db: Database): Promise<unknown> {
  const names = new Map(
    (await db.selectFrom("services").select(["id", "name"]).execute()).map((row) => [row.id, row.name]),
  );
  const named = <T extends { service_id: number }>(rows: readonly T[]) =>
    rows
      .map(({ service_id, ...row }) => ({ service: names.get(service_id), ...row }))
      .map((row) => JSON.stringify(row))
      .sort();
  return {
    services: (await db.selectFrom("services").selectAll().orderBy("name").execute()).map(({ id: _, ...row }) => row),
    windows: named(await db.selectFrom("windows").selectAll().execute()),
    vectors: named(await db.selectFrom("feature_vectors").selectAll().execute()),
    states: named(await db.selectFrom("feature_states").selectAll().execute()),
    predictions: named(
      await db
        .selectFrom("predictions")
        .select(["service_id", "at_ms", "horizons", "confidence", "detail", "state", "model_version"])
        .execute(),
    ),
    groups: (await db.selectFrom("error_groups").selectAll().orderBy("fingerprint").execute()).map(
      ({ sample: _, ...row }) => row,
    ),
    groupServices: named(await db.selectFrom("error_group_services").selectAll().execute()),
    ledger: await db.selectFrom("ledger").selectAll().orderBy("counter").execute(),
  };
}
