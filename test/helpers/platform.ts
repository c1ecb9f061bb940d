/** A whole platform on a database of its own, for tests that start a role as the program does. */
import { newUuid, systemClock } from "../../services/platform/clock.ts";
import { loadConfig } from "../../services/platform/config/config.ts";
import { type Platform, startPlatform } from "../../services/platform/runtime/platform.ts";
import { createTestDatabase } from "./database.ts";
import { silentLogger } from "./silent-logger.ts";

export interface TestPlatform {
  platform: Platform;
  /** stops the platform and removes its database; stop the roles on it first */
  dispose(): Promise<void>;
}

/** @param env settings as in the environment; ports are free ones unless given */
export async function startTestPlatform(env: Record<string, string> = {}): Promise<TestPlatform> {
  const database = await createTestDatabase();
  const config = loadConfig({
    HARBINGER_HTTP_PORT: "0",
    HARBINGER_OTLP_HTTP_PORT: "0",
    HARBINGER_OTLP_GRPC_PORT: "0",
    ...env,
    DATABASE_URL: database.url,
  });
  const running = await startPlatform({
    config,
    clock: systemClock,
    newId: newUuid,
    logger: silentLogger,
    serviceVersion: "test",
  });
  return {
    platform: running.platform,
    dispose: async () => {
      await running.stop();
      await database.drop();
    },
  };
}
