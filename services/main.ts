/** Starts the roles named in HARBINGER_ROLES and stops them when asked to. */
import { existsSync, readFileSync } from "node:fs";
import { newUuid, systemClock } from "./platform/clock.ts";
import { type Config, loadConfig, unknownSettings } from "./platform/config/config.ts";
import type { Role } from "./platform/config/settings.ts";
import { HarbingerError } from "./platform/errors.ts";
import { startOperationsServer } from "./platform/http/operations-server.ts";
import { createLogger, type Logger } from "./platform/logger.ts";
import { type Platform, type RunningPlatform, startPlatform } from "./platform/runtime/platform.ts";
import type { RunningRole } from "./platform/runtime/role.ts";

type StartRole = (platform: Platform) => Promise<RunningRole>;

/** Consumers come up before what feeds them; stopping goes the other way. Only the roles that run are loaded. */
const STARTERS: readonly (readonly [Role, () => Promise<StartRole>])[] = [
  ["training", async () => (await import("../training/compose.ts")).startTraining],
  ["lifecycle", async () => (await import("./lifecycle/compose.ts")).startLifecycle],
  ["features", async () => (await import("./features/compose.ts")).startFeatures],
  ["inference", async () => (await import("./inference/compose.ts")).startInference],
  ["receiver", async () => (await import("./receiver/compose.ts")).startReceiver],
];

/** a signal this long after the first one means it */
const IMPATIENCE_MS = 500;

await main();

async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ level: config.log.level, serviceName: config.telemetry.serviceName });
  for (const name of unknownSettings(process.env))
    logger.warn({ name }, "a setting that nobody reads: is it a typing error?");

  let running: RunningPlatform | undefined;
  process.on("uncaughtException", (error) => {
    logger.fatal({ err: error }, "an error that nobody caught: the process ends");
    running?.abandon();
    process.exit(1);
  });

  // Signals count from the first moment: one that comes while we start ends the start as soon as it is through.
  const stopRequested = new Promise<NodeJS.Signals>((resolve) => {
    let firstMs: number | undefined;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        firstMs ??= systemClock.now();
        resolve(signal);
        // One Ctrl-C under `npm start` comes twice: from the terminal, and passed on by npm.
        if (systemClock.now() - firstMs < IMPATIENCE_MS) return;
        logger.warn({ signal }, "a second signal: ending without draining");
        running?.abandon();
        process.exit(1);
      });
    }
  });

  const roles: RunningRole[] = [];
  try {
    running = await startPlatform({
      config,
      clock: systemClock,
      newId: newUuid,
      logger,
      serviceVersion: readVersion(),
    });
    await startRoles(running.platform, roles);
  } catch (error) {
    await stopAll(roles, running, logger);
    fail(error, logger);
  }
  announce(config, roles, logger);

  const signal = await stopRequested;
  logger.info({ signal }, "stopping: taking in nothing new, finishing what is in flight");
  const deadline = setTimeout(() => {
    logger.error({ timeoutMs: config.shutdownTimeoutMs }, "draining takes too long: ending without it");
    running?.abandon();
    process.exit(1);
  }, config.shutdownTimeoutMs);
  await stopAll(roles, running, logger);
  clearTimeout(deadline);
  logger.info("stopped");
  process.exit(0);
}

async function startRoles(platform: Platform, roles: RunningRole[]): Promise<void> {
  const wanted = STARTERS.filter(([name]) => platform.config.roles.includes(name));
  // The API is up before the last role is: until then the process as a whole is not ready.
  for (const [name] of wanted) platform.readiness.register(name, () => ({ ready: false, detail: "starting" }));
  for (const [name, load] of wanted) {
    const start = await load();
    const role = await start(platform);
    platform.readiness.register(name, () => role.ready());
    roles.push(role);
  }
  // The API answers for the whole process; without it somebody else has to.
  if (platform.config.roles.includes("inference")) return;
  const server = await startOperationsServer(platform);
  roles.push({ name: "operations", url: server.url, stop: () => server.stop(), ready: () => ({ ready: true }) });
}

async function stopAll(roles: RunningRole[], running: RunningPlatform | undefined, logger: Logger): Promise<void> {
  for (const role of roles.splice(0).reverse()) {
    try {
      await role.stop();
    } catch (error) {
      logger.warn({ err: error, role: role.name }, "a role did not stop cleanly");
    }
  }
  await running?.stop();
}

function announce(config: Config, roles: readonly RunningRole[], logger: Logger): void {
  const urls = Object.fromEntries(roles.flatMap(({ name, url }) => (url === undefined ? [] : [[name, url]])));
  logger.info(
    {
      roles: config.roles,
      urls,
      database: config.database.url === undefined ? `embedded in ${config.database.dataDir}` : "DATABASE_URL",
      queue: config.redisUrl === undefined ? "PostgreSQL" : "Redis",
      windowSizeMs: config.windows.sizeMs,
    },
    "Harbinger is up",
  );
  const isLocal = ["127.0.0.1", "::1", "localhost"].includes(config.host);
  if (isLocal) return;
  const warnOfOpen = (role: Role, tokens: readonly unknown[], what: string, setting: string): void => {
    if (!config.roles.includes(role) || tokens.length > 0) return;
    logger.warn({ host: config.host }, `${what} is reachable from other machines and open: set ${setting}`);
  };
  warnOfOpen("inference", config.api.tokens, "the API", "HARBINGER_API_TOKENS");
  const clientCa = config.receiver.tls?.clientCaFile;
  if (clientCa === undefined)
    warnOfOpen("receiver", config.receiver.ingestTokens, "the receiver", "HARBINGER_INGEST_TOKENS");
}

function readConfig(): Config {
  try {
    return loadConfig(process.env);
  } catch (error) {
    return fail(error);
  }
}

/** What an operator can mend is said in one sentence; anything else is a bug and says where it happened. */
function fail(error: unknown, logger?: Logger): never {
  if (error instanceof HarbingerError && error.kind !== "bug") console.error(`harbinger: ${error.message}`);
  else if (logger !== undefined) logger.fatal({ err: error }, "Harbinger did not start");
  else console.error(error);
  process.exit(1);
}

/** package.json is one folder up from the sources, and two from their compiled form in dist/. */
function readVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    const file = new URL(path, import.meta.url);
    if (!existsSync(file)) continue;
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  }
  return "unknown";
}
