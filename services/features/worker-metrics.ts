/** What the features role says about itself. */
import type { Meter } from "@opentelemetry/api";
import type { Clock } from "../platform/clock.ts";
import { readStreamClock } from "../platform/store/clock-store.ts";
import type { Database } from "../platform/store/database.ts";
import { NAME_KINDS, readLedger } from "../platform/store/ledger-store.ts";
import type { CloseOutcome } from "./close/close-window.ts";
import type { MergedTogether } from "./merge/merge-together.ts";

export interface WorkerMetrics {
  /** called for each job
   *  @param merged what its transaction changed; null when another job of that transaction tells
   *  @param durationMs from the job's being taken to its commit */
  merged(merged: MergedTogether | null, durationMs: number): void;
  closed(outcome: Extract<CloseOutcome, { kind: "closed" }>, durationMs: number): void;
  /** a model was there and could not be used */
  fellBack(model: "failure-predictor" | "error-classifier", count: number): void;
  stop(): void;
}

export function createWorkerMetrics(meter: Meter, db: Database, clock: Clock): WorkerMetrics {
  const mergeDuration = meter.createHistogram("harbinger.merge.duration", {
    unit: "s",
    description: "Time from taking a telemetry job to its commit, with its wait for the merge before",
  });
  const mergedJobs = meter.createHistogram("harbinger.merge.jobs", {
    unit: "{job}",
    description: "Telemetry jobs merged in one transaction",
    advice: { explicitBucketBoundaries: [1, 2, 4, 8, 16, 32] },
  });
  const lateRecords = meter.createCounter("harbinger.records.late", {
    unit: "{record}",
    description: "Records merged after their window had closed",
  });
  const otherGroups = meter.createCounter("harbinger.errors.other_groups", {
    unit: "{error}",
    description: "Errors of groups beyond HARBINGER_MAX_ERROR_GROUPS, counted under _OTHER",
  });
  const otherNames = meter.createCounter("harbinger.window.other_names", {
    unit: "{record}",
    description: "What was counted under _OTHER because its window had no room for the name, by kind of name",
  });
  const windowsClosed = meter.createCounter("harbinger.windows.closed", {
    unit: "{window}",
    description: "Windows closed, one per service",
  });
  const onsets = meter.createCounter("harbinger.failure.onsets", {
    unit: "{onset}",
    description: "Failures that began",
  });
  const closeDuration = meter.createHistogram("harbinger.close.duration", {
    unit: "s",
    description: "Time to close one window for all services",
  });
  const fallbacks = meter.createCounter("harbinger.model.fallbacks", {
    unit: "{answer}",
    description: "Answers given without a model because its run failed",
  });
  const ledger = meter.createObservableCounter("harbinger.ledger.records", {
    unit: "{record}",
    description:
      "What became of acknowledged records, by outcome; received is the sum of the others and what is in flight",
  });
  const lag = meter.createObservableGauge("harbinger.watermark.lag", {
    unit: "s",
    description: "Age of the end of the newest closed window",
  });

  // A metric that cannot be read just now is absent; it must not fail the others.
  const observeLedger = async (result: { observe(value: number, attributes: Record<string, string>): void }) => {
    const counters = await readLedger(db).catch(() => null);
    if (counters === null) return;
    for (const outcome of ["received", "merged", "rejected", "duplicate", "late"] as const) {
      result.observe(counters[`records.${outcome}`], { outcome });
    }
  };
  const observeLag = async (result: { observe(value: number): void }) => {
    const stream = await readStreamClock(db).catch(() => null);
    if (stream?.closedThroughMs != null) result.observe((clock.now() - stream.closedThroughMs) / 1000);
  };
  ledger.addCallback(observeLedger);
  lag.addCallback(observeLag);

  return {
    merged(merged, durationMs) {
      mergeDuration.record(durationMs / 1000);
      if (merged === null) return;
      const { outcome, jobCount } = merged;
      mergedJobs.record(jobCount);
      const late = outcome["records.late"] ?? 0;
      if (late > 0) lateRecords.add(late);
      const other = outcome["errors.other_groups"] ?? 0;
      if (other > 0) otherGroups.add(other);
      for (const kind of NAME_KINDS) {
        const count = outcome[`other.${kind}`] ?? 0;
        if (count > 0) otherNames.add(count, { kind });
      }
    },
    closed({ serviceCount, onsetCount }, durationMs) {
      closeDuration.record(durationMs / 1000);
      windowsClosed.add(serviceCount);
      if (onsetCount > 0) onsets.add(onsetCount);
    },
    fellBack: (model, count) => fallbacks.add(count, { "harbinger.model.name": model }),
    stop() {
      ledger.removeCallback(observeLedger);
      lag.removeCallback(observeLag);
    },
  };
}
