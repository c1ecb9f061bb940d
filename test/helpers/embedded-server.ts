/** vitest globalSetup: one PostgreSQL server for all projects of a run. `DATABASE_URL_TEST` names a server of your own instead (its user
 *  must be allowed to create databases). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { systemClock } from "../../services/platform/clock.ts";
import { startEmbeddedPostgres } from "../../services/platform/database/embedded-postgres.ts";
import { createLogger } from "../../services/platform/logger.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** of a database on the server from which tests may create others */
    databaseServerUrl: string;
  }
}

interface SharedServer {
  url: string;
  stop(): Promise<void>;
}

interface Shared {
  users: number;
  server?: Promise<SharedServer>;
}

/** Each project loads this file for itself, so what they share hangs on the process. */
const KEY = Symbol.for("harbinger.test-server");

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const holder = globalThis as unknown as Record<symbol, Shared | undefined>;
  holder[KEY] ??= { users: 0 };
  const shared = holder[KEY];
  shared.users += 1;
  shared.server ??= startServer();
  project.provide("databaseServerUrl", (await shared.server).url);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    const server = await shared.server;
    delete shared.server;
    await server?.stop();
  };
}

async function startServer(): Promise<SharedServer> {
  const given = process.env.DATABASE_URL_TEST;
  if (given) return { url: given, stop: async () => {} };
  const dataFolder = await mkdtemp(join(tmpdir(), "harbinger-test-server-"));
  const server = await startEmbeddedPostgres({
    dataFolder,
    clock: systemClock,
    logger: createLogger({ level: "error", serviceName: "test" }),
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
