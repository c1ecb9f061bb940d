import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { summariseTraces } from "../../../models/telemetry/summarise.ts";
import { openTelemetryJob, sealBatch } from "../../../services/platform/queue/telemetry-job.ts";
import { referenceTraces } from "../../helpers/otlp-payloads.ts";
import { options } from "../../helpers/summarise-options.ts";

const FAR = 100 * 365 * 24 * 3_600_000;
const batch = summariseTraces(referenceTraces().protobuf, "protobuf", options({ maxPastMs: FAR, maxFutureMs: FAR }));

describe("a sealed telemetry job", () => {
  it("opens to the batches that were sealed", () => {
    expect(batch.errors.length).toBeGreaterThan(10);
    expect(openTelemetryJob({ batches: [sealBatch(batch), sealBatch(batch)] })).toEqual({ batches: [batch, batch] });
  });

  it("keeps errors without a stack trace, and text that no database takes", () => {
    const { stacktrace: _, ...bare } = batch.errors[0]!;
    const odd = { ...batch, errors: [{ ...bare, body: "nul \u0000, half a pair \ud800, 💥" }, batch.errors[1]!] };
    expect(openTelemetryJob({ batches: [sealBatch(odd)] })).toEqual({ batches: [odd] });
  });

  it("writes a repeated stack trace once", () => {
    const many = { ...batch, errors: Array.from({ length: 200 }, () => batch.errors[0]!) };
    const one = { ...batch, errors: [batch.errors[0]!] };
    expect(sealBatch(many).length).toBeLessThan(2 * sealBatch(one).length);
  });

  it.each([
    ["text that is not base64 of anything", "???"],
    ["other JSON", deflateRawSync("[]").toString("base64")],
  ])("refuses %s", (_what, sealed) => {
    expect(() => openTelemetryJob({ batches: [sealed] })).toThrow(expect.objectContaining({ code: "UNDECODABLE" }));
  });
});
