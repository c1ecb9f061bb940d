import { afterEach, expect, it } from "vitest";
import type { Encoding } from "../../../models/telemetry/summarise.ts";
import { exportWithOfficialSdk } from "../../helpers/otlp-recorder.ts";
import { startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";

let receiver: TestReceiver | undefined;
afterEach(async () => {
  await receiver?.stop();
  receiver = undefined;
});

it.each<[Encoding, "none" | "gzip"]>([
  ["protobuf", "none"],
  ["protobuf", "gzip"],
  ["json", "none"],
  ["json", "gzip"],
])("the official SDK is understood: %s, compression %s", async (encoding, compression) => {
  const atMs = Date.now();
  receiver = await startTestReceiver({ nowMs: atMs });
  await exportWithOfficialSdk({ url: receiver.url, encoding, compression, atMs });

  const batches = receiver.batches();
  expect(batches.map(({ signal }) => signal).sort()).toEqual(["logs", "metrics", "traces"]);
  for (const batch of batches) {
    expect(batch.rejected).toEqual({});
    for (const { service } of batch.windows) {
      expect(service).toEqual({ namespace: "shop", name: "checkout", environment: "staging" });
    }
  }
  const traces = batches.find(({ signal }) => signal === "traces");
  expect(traces?.windows[0]?.stats).toMatchObject({
    requestCount: 2,
    requestErrorCount: 1,
    callCount: 1,
    callErrorCount: 1,
  });

  // the same exception, as span event and as log record, can be told to be the same
  const identity = (signal: string) => {
    const error = batches.find((batch) => batch.signal === signal)?.errors[0];
    return [error?.traceId, error?.spanId, error?.exceptionType, error?.exceptionMessage];
  };
  expect(identity("logs")).toEqual(identity("traces"));
  expect(identity("logs")).not.toContain(undefined);
});
