import { describe, expect, it } from "vitest";
import type { TelemetryBatch } from "../../../models/telemetry/records.ts";
import { summarise } from "../../../models/telemetry/summarise.ts";
import {
  bodyOf,
  encodingOf,
  recordedBatch,
  recordedBytes,
  SIGNALS,
  WAYS,
  type Way,
} from "../../helpers/recorded-exports.ts";
import { options } from "../../helpers/summarise-options.ts";

describe.each(SIGNALS)("%s as the official exporters send them", (signal) => {
  const expected = recordedBatch(signal);
  const read = (way: Way): TelemetryBatch =>
    summarise(
      signal,
      bodyOf(way, recordedBytes(signal, way)),
      encodingOf(way),
      options({ receivedAtMs: expected.receivedAtMs }),
    );

  it.each(WAYS)("give the recorded batch by %s", (way) => {
    const { maxEventTimeMs, ...batch } = read(way);
    // the SDK stamps metrics with the time at which each exporter collects them, within the minute of the recording
    const stampedLaterMs = signal === "metrics" ? (maxEventTimeMs ?? 0) - (expected.maxEventTimeMs ?? 0) : 0;
    expect({ ...batch, maxEventTimeMs: (maxEventTimeMs ?? 0) - stampedLaterMs }).toEqual(expected);
    expect(Math.abs(stampedLaterMs)).toBeLessThan(60_000);
  });

  it("give the same windows in every encoding and compression", () => {
    const [first, ...others] = WAYS.map((way) => read(way).windows);
    expect(first?.length).toBeGreaterThan(0);
    for (const windows of others) expect(windows).toEqual(first);
  });

  it("arrive as each way writes them", () => {
    const bytes = (way: Way) => recordedBytes(signal, way);
    expect(bytes("json").subarray(0, 12).toString()).toMatch(/^\{"resource/);
    for (const way of ["protobuf-gzip", "json-gzip"] as const) {
      expect([...bytes(way).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
      expect(bytes(way).length).toBeLessThan(bodyOf(way, bytes(way)).length);
    }
    // the first byte of a gRPC frame says whether its message is compressed
    expect([bytes("grpc")[0], bytes("grpc-gzip")[0]]).toEqual([0, 1]);
    if (signal !== "metrics") expect(bodyOf("grpc", bytes("grpc"))).toEqual(bytes("protobuf"));
  });
});

describe("the recorded failure", () => {
  it("is told once by its span and once by its log, with the same trace, span, type and message", () => {
    const [span, log] = [recordedBatch("traces"), recordedBatch("logs")].map(({ errors }) =>
      errors.find(({ exceptionType }) => exceptionType === "TimeoutError"),
    );
    expect(span).toMatchObject({ source: "span_event", exceptionMessage: "payment did not answer — naïve ✓" });
    expect(log).toMatchObject({
      source: "log",
      traceId: span?.traceId,
      spanId: span?.spanId,
      exceptionMessage: span?.exceptionMessage,
    });
  });

  it("counts as one request served in error, and one call in error to the payment service", () => {
    expect(recordedBatch("traces").windows).toMatchObject([
      {
        service: { namespace: "shop", name: "checkout", environment: "staging" },
        stats: {
          spanCount: 3,
          requestCount: 2,
          requestErrorCount: 1,
          callErrorCount: 1,
          callees: { "payment.internal": { callCount: 1, errorCount: 1 } },
        },
      },
    ]);
    expect(recordedBatch("metrics").windows[0]?.stats.gauges["db.client.connection.utilization"]?.max).toBe(0.75);
  });
});
