import { describe, expect, it } from "vitest";
import { startSelfTelemetry } from "../../../services/platform/telemetry/self-telemetry.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

describe("our own metrics", () => {
  it("forget a gauge's attributes that are no longer observed, and keep adding counters up", async () => {
    const telemetry = startSelfTelemetry({
      serviceName: "harbinger",
      serviceVersion: "test",
      instanceId: "1",
      exportIntervalMs: 60_000,
      logger: silentLogger,
      clock: { now: () => 0 },
    });
    let state = "empty";
    telemetry.meter
      .createObservableGauge("model.status")
      .addCallback((result) => result.observe(1, { "model.state": state }));
    const answers = telemetry.meter.createCounter("answers");
    answers.add(2, { step: "prior" });
    expect(await telemetry.renderMetrics()).toContain('model_state="empty"');
    state = "ready";
    answers.add(1, { step: "model" });
    const page = await telemetry.renderMetrics();
    expect(page).toContain('model_state="ready"');
    expect(page).not.toContain('model_state="empty"');
    expect(page).toMatch(/answers_total\{step="prior".*\} 2$/m);
    await telemetry.stop();
  });
});
