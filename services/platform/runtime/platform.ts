/** Everything a role stands on, started in one order and stopped in the opposite one. */
import type { Meter } from "@opentelemetry/api";
import type { Rule } from "../../../models/rules/rule.ts";
import { loadOperatorRules } from "../classification/operator-rules.ts";
import type { Clock, NewId } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../database/embedded-postgres.ts";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { observeQueueDepth } from "../queue/depth-metrics.ts";
import { openQueues, type Queues } from "../queue/queues.ts";
import { createModelHost, type ModelHost } from "../serving/model-host.ts";
import { PRETRAINED_DIR } from "../serving/pretrained-dir.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { Listen } from "../store/listen.ts";
import { pinWindowSize } from "../store/meta-store.ts";
import { migrate } from "../store/migrate.ts";
import { pingDatabase } from "../store/ping.ts";
import { observeProcess } from "../telemetry/process-metrics.ts";
import { startSelfTelemetry } from "../telemetry/self-telemetry.ts";
import { createReadinessRegistry, type ReadinessRegistry } from "./readiness.ts";

export interface Platform {
  readonly config: Config;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly db: Database;
  /** the database's address for programs of ours that run beside this process, such as training's child process */
  readonly databaseUrl: string;
  readonly listen: Listen;
  readonly queues: Queues;
  readonly meter: Meter;
  /** own telemetry as Prometheus text */
  renderMetrics(): Promise<string>;
  /** of this process: the database and every role that runs in it */
  readonly readiness: ReadinessRegistry;
  /** @throws BUG in a process none of whose roles uses models */
  readonly models: ModelHost;
  /** of HARBINGER_RULES_FILE, beside those that ship */
  readonly operatorRules: readonly Rule[];
}

export interface PlatformOptions {
  config: Config;
  clock: Clock;
  newId: NewId;
  logger: Logger;
  serviceVersion: string;
}

export interface RunningPlatform {
  platform: Platform;
  stop(): Promise<void>;
  /** For a process that must end at once, without waiting for anything. */
  abandon(): void;
}

const ROLES_WITH_MODELS = new Set(["features", "inference", "training", "lifecycle"]);

/** @throws CONFLICT, INVALID_CONFIG, UNAVAILABLE with a sentence an operator can act on; what had started by then is stopped again */
export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const { config, clock, newId, logger } = options;
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        logger.warn({ err: error }, "a part of the platform did not stop cleanly");
      }
    }
  };

  try {
    const usesModels = config.roles.some((role) => ROLES_WITH_MODELS.has(role));
    const operatorRules = usesModels && config.rulesFile !== undefined ? loadOperatorRules(config.rulesFile) : [];
    if (operatorRules.length > 0) logger.info({ rules: operatorRules.length }, "read the operators' own rules");

    const telemetry = startSelfTelemetry({
      ...config.telemetry,
      serviceVersion: options.serviceVersion,
      instanceId: newId(),
      logger,
      clock,
    });
    stops.push(() => telemetry.stop(), observeProcess(telemetry.meter));

    const embedded = config.database.url === undefined ? await startEmbedded(options) : undefined;
    if (embedded !== undefined) stops.push(() => embedded.stop());
    const databaseUrl = config.database.url?.reveal() ?? embedded?.url ?? "";

    const database = await openDatabase({
      url: databaseUrl,
      maxConnections: config.database.maxConnections,
      applicationName: config.telemetry.serviceName,
      logger,
    });
    stops.push(() => database.close());
    const applied = await migrate(database.db, clock.now());
    if (applied.length > 0) logger.info({ migrations: applied }, "brought the schema up to date");
    await pinWindowSize(database.db, config.windows.sizeMs);

    const queues = await openQueues({
      databaseUrl,
      ...(config.redisUrl !== undefined && { redisUrl: config.redisUrl.reveal() }),
      maxConnections: config.database.maxConnections,
      newId,
      clock,
      logger,
      meter: telemetry.meter,
      traced: config.telemetry.otlpTracesEndpoint !== undefined,
    });
    stops.push(() => queues.close());
    observeQueueDepth(telemetry.meter, queues);

    const models = usesModels
      ? await createModelHost({
          db: database.db,
          listen: database.listen,
          logger,
          pretrainedDir: PRETRAINED_DIR,
        })
      : undefined;
    if (models !== undefined) stops.push(() => models.close());

    const readiness = createReadinessRegistry();
    readiness.register("database", async () => {
      await pingDatabase(database.db);
      return { ready: true, detail: embedded === undefined ? "PostgreSQL" : "embedded PostgreSQL" };
    });

    const platform: Platform = {
      config,
      clock,
      newId,
      logger,
      db: database.db,
      databaseUrl,
      listen: database.listen,
      queues,
      meter: telemetry.meter,
      renderMetrics: telemetry.renderMetrics,
      readiness,
      operatorRules,
      get models() {
        if (models === undefined) throw new HarbingerError("BUG", "this process has no role that uses models");
        return models;
      },
    };
    return { platform, stop, abandon: () => embedded?.abandon() };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEmbedded({ config, logger, clock }: PlatformOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataFolder: config.database.dataDir, logger, clock });
  logger.info({ dataFolder: config.database.dataDir }, "the embedded PostgreSQL is up");
  return server;
}
