import { afterEach, expect, it } from "vitest";
import type { TelemetryBatch } from "../../../models/telemetry/records.ts";
import { type ExportOptions, exportWithOfficialSdk } from "../../helpers/otlp-recorder.ts";
import { startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";

type Way = [ExportOptions["encoding"], ExportOptions["compression"]];

const WAYS: Way[] = [
  ["protobuf", "none"],
  ["protobuf", "gzip"],
  ["json", "none"],
  ["json", "gzip"],
  ["grpc", "none"],
  ["grpc", "gzip"],
];

let receiver: TestReceiver | undefined;
afterEach(async () => {
  await receiver?.stop();
  receiver = undefined;
});

async function sendBy([encoding, compression]: Way, atMs: number): Promise<TelemetryBatch[]> {
  receiver = await startTestReceiver({ nowMs: atMs });
  const url = encoding === "grpc" ? `http://127.0.0.1:${receiver.grpcPort}` : receiver.url;
  await exportWithOfficialSdk({ url, encoding, compression, atMs });
  return receiver.batches().sort((a, b) => a.signal.localeCompare(b.signal));
}

/** Ids follow the encoding, and the SDK stamps metrics with the time at which it collects them. */
function withoutItsTime({ batchId: _id, maxEventTimeMs, windows, ...rest }: TelemetryBatch): object {
  if (rest.signal !== "metrics") return { ...rest, maxEventTimeMs, windows };
  return { ...rest, windows: windows.map(({ startMs: _start, ...window }) => window) };
}

it.each(WAYS)("the official SDK is understood: %s, compression %s", async (...way) => {
  const batches = await sendBy(way, Date.now());
  expect(batches.map(({ signal }) => signal)).toEqual(["logs", "metrics", "traces"]);
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

it("every way gives the same windows and the same errors", async () => {
  const atMs = Date.now();
  const [first, ...others] = await Promise.all(
    WAYS.map(async (way) => {
      const own = await startTestReceiver({ nowMs: atMs });
      const url = way[0] === "grpc" ? `http://127.0.0.1:${own.grpcPort}` : own.url;
      await exportWithOfficialSdk({ url, encoding: way[0], compression: way[1], atMs });
      const batches = own.batches().sort((a, b) => a.signal.localeCompare(b.signal));
      await own.stop();
      return batches.map(withoutItsTime);
    }),
  );
  for (const batches of others) expect(batches).toEqual(first);
});
