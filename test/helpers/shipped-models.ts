/** The models that ship, served from a database of the suite's own. */
import { afterAll, beforeAll } from "vitest";
import { createModelHost, type ModelHost } from "../../services/platform/serving/model-host.ts";
import { PRETRAINED_DIR } from "../../services/platform/serving/pretrained-dir.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { silentLogger } from "./silent-logger.ts";

export interface ShippedModels {
  database: TestDatabase;
  models: ModelHost;
}

/** @returns there once the suite's tests run, gone after them */
export function useShippedModels(): ShippedModels {
  const opened: Partial<ShippedModels> = {};
  beforeAll(async () => {
    const database = await createTestDatabase();
    opened.database = database;
    const { db, listen } = database;
    opened.models = await createModelHost({ db, listen, logger: silentLogger, pretrainedDir: PRETRAINED_DIR });
  });
  afterAll(async () => {
    await opened.models?.close();
    await opened.database?.drop();
  });
  const there = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error("the shipped models are there only while tests run");
    return part;
  };
  return {
    get database() {
      return there(opened.database);
    },
    get models() {
      return there(opened.models);
    },
  };
}
