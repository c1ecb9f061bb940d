import { describe, expect, it } from "vitest";
import {
  encodeExportResponse,
  encodeStatus,
  type PartialSuccess,
  partialSuccessOf,
} from "../../../models/telemetry/export-response.ts";
import type { Signal, TelemetryBatch } from "../../../models/telemetry/records.ts";
import { ExportResponse, RpcStatus } from "../../helpers/otlp-proto.ts";

const json = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
const REJECTED: Record<Signal, string> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};
const SIGNALS: Signal[] = ["traces", "logs", "metrics"];

describe.each(SIGNALS)("the answer to %s", (signal) => {
  const viaProtobuf = (partial: PartialSuccess | null) =>
    ExportResponse[signal].toObject(ExportResponse[signal].decode(encodeExportResponse(signal, "protobuf", partial)), {
      longs: String,
    });

  it("leaves partial_success unset when everything was accepted", () => {
    expect(encodeExportResponse(signal, "protobuf", null)).toHaveLength(0);
    expect(json(encodeExportResponse(signal, "json", null))).toEqual({});
  });

  it.each([3, 300, 2 ** 40])("counts %d rejected records and says why", (rejectedCount) => {
    const partial = { rejectedCount, message: "zu alt: naïve ✓" };
    const expected = { partialSuccess: { [REJECTED[signal]]: String(rejectedCount), errorMessage: "zu alt: naïve ✓" } };
    expect(viaProtobuf(partial)).toEqual(expected);
    expect(json(encodeExportResponse(signal, "json", partial))).toEqual(expected);
  });

  it("warns with nothing rejected", () => {
    const warning = { rejectedCount: 0, message: "mind this" };
    expect(viaProtobuf(warning)).toEqual({ partialSuccess: { errorMessage: "mind this" } });
    expect(json(encodeExportResponse(signal, "json", warning)).partialSuccess).toEqual({
      [REJECTED[signal]]: "0",
      errorMessage: "mind this",
    });
  });
});

describe("google.rpc.Status", () => {
  it("is the same in both encodings", () => {
    const fromProtobuf = RpcStatus.toObject(RpcStatus.decode(encodeStatus("protobuf", 14, "come back")));
    expect(fromProtobuf).toEqual({ code: 14, message: "come back" });
    expect(json(encodeStatus("json", 14, "come back"))).toEqual(fromProtobuf);
  });
});

describe("partial success", () => {
  const batch = (changes: Partial<TelemetryBatch>): TelemetryBatch => ({
    format: 1,
    batchId: "00",
    signal: "traces",
    receivedAtMs: 0,
    windowSizeMs: 1,
    recordCount: 9,
    rejected: {},
    maxEventTimeMs: null,
    windows: [],
    errors: [],
    ...changes,
  });

  it("adds the reasons up", () => {
    expect(partialSuccessOf(batch({}))).toBeNull();
    expect(partialSuccessOf(batch({ rejected: { too_old: 2, too_far_in_future: 1 } }))).toEqual({
      rejectedCount: 3,
      message: "2 too_old, 1 too_far_in_future",
    });
  });

  it("warns of losses without rejecting", () => {
    const partial = partialSuccessOf(batch({ losses: { errorRecords: 4, foldedRecords: 5 } }));
    expect(partial?.rejectedCount).toBe(0);
    expect(partial?.message).toMatch(/4 errors.*5 records/);
  });
});
