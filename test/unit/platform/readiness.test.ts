import { expect, test } from "vitest";
import { createReadinessRegistry } from "../../../services/platform/runtime/readiness.ts";

test("a process is ready when all of its parts are", async () => {
  const registry = createReadinessRegistry();
  registry.register("database", async () => ({ ready: true }));
  registry.register("model", () => ({ ready: true, detail: "v3" }));
  expect(await registry.report()).toEqual({
    ready: true,
    checks: { database: { ready: true }, model: { ready: true, detail: "v3" } },
  });
});

test("a check that throws is a part that is not ready, with the reason", async () => {
  const registry = createReadinessRegistry();
  registry.register("database", () => Promise.reject(new Error("connection refused")));
  registry.register("model", () => ({ ready: true }));
  expect(await registry.report()).toMatchObject({
    ready: false,
    checks: { database: { ready: false, detail: "connection refused" }, model: { ready: true } },
  });
});
