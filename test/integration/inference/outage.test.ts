import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPredictService, type PredictService } from "../../../services/inference/predict/predict-service.ts";
import { newUuid, systemClock } from "../../../services/platform/clock.ts";
import type { Database } from "../../../services/platform/store/database.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

let database: TestDatabase;
let isDown = false;
let predictions: PredictService;
const query = (name: string) => ({ service: { name }, explain: true });

beforeAll(async () => {
  database = await createTestDatabase();
  predictions = createPredictService({
    db: failingOnDemand(database.db),
    changes: { edition: () => null },
    models: { predictor: () => ({ state: "empty" }) },
    clock: systemClock,
    newId: newUuid,
    logger: silentLogger,
    windowSizeMs: 60_000,
    horizonsMs: [300_000],
    primaryHorizonMs: 300_000,
    riskThreshold: 0.5,
  });
});
afterAll(() => database?.drop());

describe("while the store does not answer", () => {
  it("the last known prediction is repeated, and what was never asked is unavailable", async () => {
    const [before] = await predictions.predict([query("checkout")], ["body"]);
    isDown = true;
    const [repeated] = await predictions.predict([query("checkout")], ["body"]);
    expect(repeated).toMatchObject({ id: before?.id, step: "last_known", answer: before?.answer });
    await expect(predictions.predict([query("payment")], ["body"])).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(predictions.predict([{ ...query("checkout"), atMs: 1 }], ["body"])).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    isDown = false;
    const [after] = await predictions.predict([query("checkout")], ["body"]);
    expect(after?.step).toBe("prior");
  });
});

/** The real database, until `isDown`: then as if the server were gone. */
function failingOnDemand(db: Database): Database {
  return new Proxy(db, {
    get(target, key, receiver) {
      if (isDown) throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
      const value: unknown = Reflect.get(target, key, receiver);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
