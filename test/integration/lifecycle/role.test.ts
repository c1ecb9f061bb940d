import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLifecycle } from "../../../services/lifecycle/compose.ts";
import type { RunningRole } from "../../../services/platform/runtime/role.ts";
import { setAlias } from "../../../services/platform/store/registry-store.ts";
import { readWatch } from "../../../services/platform/store/watch-store.ts";
import { startTestPlatform, type TestPlatform } from "../../helpers/platform.ts";
import { NAME, registerPredictor, startStream, T0 } from "./lifecycle-fixture.ts";

let running: TestPlatform;
let role: RunningRole;
beforeAll(async () => {
  running = await startTestPlatform({
    ...{ HARBINGER_ROLES: "lifecycle", HARBINGER_WINDOW_SIZE: "60s", HARBINGER_HORIZONS: "5m" },
    ...{ HARBINGER_ALLOWED_LATENESS: "10s" },
  });
  role = await startLifecycle(running.platform);
});
afterAll(async () => {
  await role.stop();
  await running.dispose();
});

describe("the lifecycle role", () => {
  it("watches what serves and what is hidden, and says so as metrics", async () => {
    const { db, renderMetrics } = running.platform;
    const [served, hidden] = [
      await registerPredictor(db, { quiet: 0.08, warned: 0.12 }),
      await registerPredictor(db, { quiet: 0.02, warned: 0.8 }),
    ];
    const point = (alias: "champion" | "shadow", version: string) =>
      setAlias(db, { name: NAME, alias, version, actor: "user@example.com", reason: "test", atMs: T0 });
    await point("champion", served);
    await point("shadow", hidden);
    const answer = () => ({ version: served, probability: 0.1 });
    const stream = await startStream(db, { services: 4, meanGap: 20, seed: 1, answer });
    await stream.advance();
    // The first round has to have seen where the stream stands.
    await expect.poll(() => readWatch(db, NAME), { timeout: 30_000 }).toBeDefined();
    for (let window = 0; window < 12; window++) await stream.advance();
    await expect.poll(renderMetrics, { timeout: 30_000 }).toMatch(/harbinger_model_live_outcomes\{[^}]*\} [1-9]/);
    await expect
      .poll(renderMetrics, { timeout: 30_000 })
      .toMatch(/harbinger_model_shadow_brier_difference\{[^}]*harbinger_model_alias="shadow"[^}]*\} -/);
    const metrics = await renderMetrics();
    expect(metrics).toMatch(/harbinger_model_live_brier_skill\{[^}]*harbinger_model_version="1"[^}]*\} \S+/);
    expect(metrics).toMatch(/harbinger_model_live_calibration_error\{[^}]*\} \S+/);
    expect(metrics).toMatch(/harbinger_model_drift\{[^}]*harbinger_drift_signal="loss"[^}]*\} 0/);
    expect(await role.ready()).toEqual({ ready: true });
  });
});
