/** What the role does to windows: merging jobs, closing, folding again. All that it needs is opened here, so that it can run on a thread
 *  of its own (window-thread.ts), away from the loop that answers requests. */
import { createErrorReader } from "../../models/classifier/error-reader.ts";
import type { Rule } from "../../models/rules/rule.ts";
import type { NameBounds } from "../../models/windows/bounded-map.ts";
import type { FailurePolicy } from "../../models/windows/failure.ts";
import { createErrorClassifier } from "../platform/classification/error-classifier.ts";
import { type Clock, newUuid } from "../platform/clock.ts";
import { createGroupingSource } from "../platform/grouping/grouping-source.ts";
import type { Logger } from "../platform/logger.ts";
import { openTelemetryJob, type SealedTelemetryJob } from "../platform/queue/telemetry-job.ts";
import { createModelHost } from "../platform/serving/model-host.ts";
import { PRETRAINED_DIR } from "../platform/serving/pretrained-dir.ts";
import { openDatabase } from "../platform/store/database.ts";
import { type CloseOutcome, closeNextWindow, type Moment } from "./close/close-window.ts";
import { createFoldMemory } from "./close/fold-memory.ts";
import { refoldIfSpecChanged } from "./close/refold.ts";
import { type MergeOutcome, mergeJob } from "./merge/merge-job.ts";

/** Can be cloned, for the thread. */
export interface WindowSettings {
  databaseUrl: string;
  applicationName: string;
  windowSizeMs: number;
  maxServices: number;
  maxErrorGroups: number;
  nameBounds: NameBounds;
  policy: FailurePolicy;
  serviceRetireAfterMs: number;
  horizonsMs: readonly number[];
  primaryHorizonMs: number;
  operatorRules: readonly Rule[];
}

export interface WindowWork {
  merge(job: SealedTelemetryJob): Promise<MergeOutcome>;
  closeNext(moment: Moment): Promise<CloseOutcome>;
  /** @returns the number of windows that were folded */
  refold(): Promise<number>;
  close(): Promise<void>;
}

/** Answers given without a model because its run failed. */
export type OnFallback = (model: "failure-predictor" | "error-classifier", count: number) => void;

/** A merge takes one, and its classifier another now and then; so does closing. LISTEN has its own. */
const CONNECTIONS = 6;

/** @throws UNAVAILABLE, INVALID_CONFIG */
export async function openWindowWork(
  settings: WindowSettings,
  { logger, clock, onFallback }: { logger: Logger; clock: Clock; onFallback: OnFallback },
): Promise<WindowWork> {
  const { databaseUrl: url, applicationName, windowSizeMs } = settings;
  const database = await openDatabase({ url, maxConnections: CONNECTIONS, applicationName, logger });
  const { db, listen } = database;
  const models = await createModelHost({ db, listen, logger, pretrainedDir: PRETRAINED_DIR });
  const mergeDeps = {
    ...{ db, clock, logger, windowSizeMs, reader: createErrorReader(), grouping: createGroupingSource() },
    classifier: createErrorClassifier({ db, models, logger, clock, operatorRules: settings.operatorRules }),
    maxServices: settings.maxServices,
    maxErrorGroups: settings.maxErrorGroups,
    nameBounds: settings.nameBounds,
    onFallback: (count: number) => onFallback("error-classifier", count),
  };
  const closeDeps = {
    ...{ db, clock, logger, newId: newUuid, windowSizeMs, memory: createFoldMemory() },
    policy: settings.policy,
    serviceRetireAfterMs: settings.serviceRetireAfterMs,
    horizonsMs: settings.horizonsMs,
    primaryHorizonMs: settings.primaryHorizonMs,
    predictor: models.predictor,
    onFallback: () => onFallback("failure-predictor", 1),
  };
  return {
    merge: (job) => mergeJob(openTelemetryJob(job), mergeDeps),
    closeNext: (moment) => closeNextWindow(moment, closeDeps),
    refold: () => refoldIfSpecChanged({ db, windowSizeMs, logger }),
    close: async () => {
      await models.close();
      await database.close();
    },
  };
}
