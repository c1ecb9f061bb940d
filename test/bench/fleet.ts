/** A fleet as large as the default limit allows: what merging and closing one window of 10 000 services takes, with a model that scores them,
 *  and what scoring alone takes. The database is an embedded one with fsync on, and shares the machine. */
import { performance } from "node:perf_hooks";
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import type { TelemetryBatch } from "../../models/telemetry/records.ts";
import { createWindowBuilder } from "../../models/windows/window-builder.ts";
import { closeNextWindow } from "../../services/features/close/close-window.ts";
import { createCloser } from "../../services/features/close/closer.ts";
import { createFoldMemory } from "../../services/features/close/fold-memory.ts";
import { scoreServices } from "../../services/features/close/score.ts";
import { mergeJob } from "../../services/features/merge/merge-job.ts";
import { newUuid, systemClock } from "../../services/platform/clock.ts";
import { leaseSession } from "../../services/platform/serving/leased-session.ts";
import type { ModelSlot } from "../../services/platform/serving/model-slot.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { fitHazardPredictor } from "../../training/fit/fit-predictor.ts";
import { silentLogger } from "../helpers/silent-logger.ts";
import { cpuDurations, durations, median, quantile, type Suite } from "./harness.ts";
import { longestHoldMs, openMergeStore } from "./merge-store.ts";
import { syntheticRows } from "./synthetic-rows.ts";

const SERVICES = 10_000;
/** as many as a receiver tells apart in one request */
const SERVICES_PER_BATCH = 1_000;
const WINDOWS = 5;
const SIZE_MS = 60_000;
const T0 = Date.UTC(2025, 0, 15, 12);

export const fleetSuite: Suite = {
  name: "fleet",
  async run(report) {
    const store = await openMergeStore();
    const { slot, vectors } = await fittedPredictor();
    try {
      const { db } = store.deps;
      const closeDeps = {
        ...{ db, clock: systemClock, logger: silentLogger, newId: newUuid, windowSizeMs: SIZE_MS },
        ...{ horizonsMs: [900_000], primaryHorizonMs: 900_000, serviceRetireAfterMs: 86_400_000 },
        memory: createFoldMemory(),
        policy: { errorRatio: 0.5, minRequests: 5, errorLogCount: 20 },
        predictor: () => slot,
        onFallback: () => {
          throw new Error("base rates answered: the figures would be those of something else");
        },
      };
      const closer = createCloser({
        ...{ db, clock: systemClock, logger: silentLogger, windowSizeMs: SIZE_MS },
        ...{ allowedLatenessMs: 1_000, idleTimeoutMs: 3_600_000, closeIntervalMs: 1_000 },
        closeNext: (moment) => closeNextWindow(moment, closeDeps),
        refold: async () => 0,
        queueDepth: async () => ({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
        onClosed: () => {},
      });
      const merges: number[] = [];
      const closes: number[] = [];
      const closeCpu: number[] = [];
      const holds = { merge: 0, close: 0 };
      for (let window = 0; window <= WINDOWS; window += 1) {
        const atMs = T0 + window * SIZE_MS + 2_000;
        const job = { batches: fleetBatches(atMs, window) };
        const prepared = performance.now();
        holds.merge = Math.max(holds.merge, await longestHoldMs(() => mergeJob(job, store.deps)));
        const [mergedMs, mergedCpu] = [performance.now(), process.cpuUsage()];
        holds.close = Math.max(holds.close, await longestHoldMs(() => closer.tick()));
        if (window < 2) continue;
        merges.push(mergedMs - prepared);
        closes.push(performance.now() - mergedMs);
        const { user, system } = process.cpuUsage(mergedCpu);
        closeCpu.push((user + system) / 1000);
      }
      report.figure(`merge one job of ${SERVICES} services`, median(merges), "ms");
      report.figure("longest hold of the event loop while merging", holds.merge, "ms");
      report.figure(`close a window of ${SERVICES} services`, median(closes), "ms");
      report.figure(`close a window of ${SERVICES} services: CPU beside the database's`, median(closeCpu), "ms");
      report.figure("longest hold of the event loop while closing", holds.close, "ms");
      const rows = Array.from({ length: SERVICES }, (_, index) => {
        return { serviceId: index, vector: vectors[index % vectors.length]!, failed: false };
      });
      const score = () => scoreServices(rows, T0, () => Promise.reject(new Error("not asked")), closeDeps);
      await durations(2, score);
      report.figure(`score ${SERVICES} services`, quantile(await durations(9, score), 0.5), "ms");
      report.figure(`score ${SERVICES} services: CPU`, quantile(await cpuDurations(9, score), 0.5), "ms");
      for (const [statement, ms] of [...store.statements].sort((a, b) => b[1] - a[1]).slice(0, 12))
        report.figure(`waited per window for ${statement}`, ms / (WINDOWS + 1), "ms");
    } finally {
      await slot.session.retire(0);
      await store.close();
    }
  },
};

async function fittedPredictor() {
  const rows = syntheticRows(4_000, 2);
  const width = FEATURE_SPEC.features.length;
  const options = { windowSizeMs: SIZE_MS, horizonWindows: 15, seed: 1, epochs: 1 };
  const { manifest, onnx } = await fitHazardPredictor(rows, options);
  const session = leaseSession(await createSession(onnx));
  const slot = {
    ...{ state: "ready", refused: null, version: "bench", source: "registry", manifest, card: "", session },
  } satisfies ModelSlot<PredictorManifest>;
  return {
    slot,
    vectors: Array.from({ length: 1_000 }, (_, row) => rows.vectors.slice(row * width, (row + 1) * width)),
  };
}

function fleetBatches(atMs: number, window: number): TelemetryBatch[] {
  return Array.from({ length: SERVICES / SERVICES_PER_BATCH }, (_, part) => ({
    format: 1,
    batchId: Buffer.from(`fleet ${window} ${part}`.padEnd(32)).toString("hex"),
    signal: "traces",
    receivedAtMs: atMs + 500,
    windowSizeMs: SIZE_MS,
    recordCount: SERVICES_PER_BATCH * 5,
    rejected: {},
    maxEventTimeMs: atMs,
    windows: Array.from({ length: SERVICES_PER_BATCH }, (_, index) => {
      const builder = createWindowBuilder();
      for (let request = 0; request < 5; request += 1) {
        builder.span();
        builder.request({ durationMs: 5 + request + (index % 17), isError: false });
      }
      return {
        service: { namespace: "", name: `service-${part * SERVICES_PER_BATCH + index}`, environment: "prod" },
        startMs: Math.floor(atMs / SIZE_MS) * SIZE_MS,
        stats: builder.build(),
      };
    }),
    errors: [],
  }));
}
