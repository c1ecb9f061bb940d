/** The features worker's merge path as the program sets it up, with its statements timed. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { Kysely, type LogEvent, PostgresDialect } from "kysely";
import { createErrorReader } from "../../models/classifier/error-reader.ts";
import { DEFAULT_NAME_BOUNDS } from "../../models/windows/bounded-map.ts";
import type { MergeDeps } from "../../services/features/merge/merge-job.ts";
import { createErrorClassifier } from "../../services/platform/classification/error-classifier.ts";
import { systemClock } from "../../services/platform/clock.ts";
import { startEmbeddedPostgres } from "../../services/platform/database/embedded-postgres.ts";
import { createGroupingSource } from "../../services/platform/grouping/grouping-source.ts";
import { createModelHost, type ModelHost } from "../../services/platform/serving/model-host.ts";
import { openDatabase } from "../../services/platform/store/database.ts";
import { migrate } from "../../services/platform/store/migrate.ts";
import { connectionSettings, createPool } from "../../services/platform/store/pool.ts";
import type { Schema } from "../../services/platform/store/schema.ts";
import { silentLogger } from "../helpers/silent-logger.ts";

const PRETRAINED = fileURLToPath(new URL("../../models/pretrained/", import.meta.url));

export interface MergeStore {
  deps: MergeDeps;
  /** time that the caller waited for each kind of statement since it was last emptied, ms */
  statements: Map<string, number>;
  predictor: ModelHost["predictor"];
  close(): Promise<void>;
}

/** Everything that merging needs, on an embedded server of its own. */
export async function openMergeStore(): Promise<MergeStore> {
  const dataFolder = await mkdtemp(join(tmpdir(), "harbinger-bench-merge-"));
  const server = await startEmbeddedPostgres({ dataFolder, clock: systemClock, logger: silentLogger });
  const handle = await openDatabase({
    ...{ url: server.url, maxConnections: 4, applicationName: "bench", logger: silentLogger },
  });
  await migrate(handle.db, systemClock.now());
  const models = await createModelHost({
    ...{ db: handle.db, logger: silentLogger, listen: handle.listen, pretrainedDir: PRETRAINED },
  });
  const statements = new Map<string, number>();
  const log = ({ query, queryDurationMillis }: LogEvent): void => {
    const name = statementName(query.sql);
    statements.set(name, (statements.get(name) ?? 0) + queryDurationMillis);
  };
  const pool = createPool(connectionSettings(server.url, "bench merge"), 8, silentLogger);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log });
  const classifier = createErrorClassifier({ db, models, logger: silentLogger, clock: systemClock });
  return {
    deps: {
      ...{
        db,
        clock: systemClock,
        logger: silentLogger,
        windowSizeMs: 60_000,
        maxServices: 10_000,
        maxErrorGroups: 10_000,
        nameBounds: DEFAULT_NAME_BOUNDS,
        classifier,
      },
      reader: createErrorReader(),
      grouping: createGroupingSource(),
      onFallback: () => {
        throw new Error("the classifier failed: the figures would be those of something else");
      },
    },
    statements,
    predictor: models.predictor,
    close: async () => {
      await models.close();
      await db.destroy();
      await handle.close();
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** @returns longest time that the event loop was held while `work` ran */
export async function longestHoldMs(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

/** `insert into windows`, `update windows`, `select … from windows`: enough to tell the statements of a merge apart. */
function statementName(sql: string): string {
  const flat = sql.replace(/\s+/g, " ").trim();
  const [verb = ""] = flat.split(" ");
  const table = /\b(?:into|update|from|advisory\w*) "?(\w+)/.exec(flat)?.[1] ?? flat.slice(0, 40);
  return `${verb} ${table}`;
}
