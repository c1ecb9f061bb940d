import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { chooseShiftMs } from "../../../datasets/replay/times/choose-shift.ts";
import { readProtobufContent, shiftProtobuf } from "../../../datasets/replay/times/protobuf-times.ts";
import { shiftJson } from "../../../datasets/replay/times/shift-json.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import { requests } from "../../helpers/otlp-arbitraries.ts";
import { asJson, logsRequest, metricsRequest, text, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";

const SIGNALS: Signal[] = ["traces", "logs", "metrics"];
const shift = (text: string, shiftNs: bigint) => shiftJson(Buffer.from(text), shiftNs).toString();
const AT = "1700000000123456789";

describe("moving the times of a request", () => {
  it("keeps nanoseconds, written as text or as a number", () => {
    expect(shift(`{"timeUnixNano":"${AT}"}`, 1n)).toBe('{"timeUnixNano":"1700000000123456790"}');
    expect(shift(`{"timeUnixNano": ${AT}}`, -1_000_000n)).toBe('{"timeUnixNano": 1700000000122456789}');
    expect(shift(`{"timeUnixNano":${AT},"x":1}`, 0n)).toBe(`{"timeUnixNano":${AT},"x":1}`);
  });

  it("moves every field that is a time, and nothing else", () => {
    const span = (atNs: bigint) => ({
      name: "timeUnixNano",
      startTimeUnixNano: String(atNs - 5n),
      endTimeUnixNano: String(atNs),
      attributes: [text("endTimeUnixNano", AT), text("quoted", `\\"timeUnixNano":"${AT}"`)],
      events: [{ timeUnixNano: String(atNs - 1n), name: 'a"b\\' }],
    });
    const before = JSON.stringify(tracesRequest([span(BigInt(AT))]));
    const after = JSON.stringify(tracesRequest([span(BigInt(AT) + 3_600_000_000_001n)]));
    expect(shift(before, 3_600_000_000_001n)).toBe(after);
  });

  it("leaves a time that is not set alone", () => {
    expect(shift('{"timeUnixNano":"0","observedTimeUnixNano":0}', 5n)).toBe(
      '{"timeUnixNano":"0","observedTimeUnixNano":0}',
    );
    const bytes = encodeRequest("logs", logsRequest([{ timeUnixNano: "0", observedTimeUnixNano: AT }]));
    const moved = encodeRequest(
      "logs",
      logsRequest([{ timeUnixNano: "0", observedTimeUnixNano: `${AT.slice(0, -1)}0` }]),
    );
    expect(hex(shiftProtobuf("logs", bytes, -9n))).toBe(hex(moved));
  });

  it.each(SIGNALS)("is the same in protobuf and in JSON: %s", (signal) => {
    fc.assert(
      fc.property(requests[signal], fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), (request, shiftNs) => {
        const attempt = (move: () => string): string => {
          try {
            return move();
          } catch (error) {
            return error instanceof RangeError ? "out of range" : String(error);
          }
        };
        const json = Buffer.from(asJson(request));
        const viaJson = attempt(() => hex(encodeRequest(signal, JSON.parse(shiftJson(json, shiftNs).toString()))));
        const asSent = JSON.parse(json.toString());
        const viaProtobuf = attempt(() => hex(shiftProtobuf(signal, encodeRequest(signal, asSent), shiftNs)));
        expect(viaProtobuf).toBe(viaJson);
      }),
      { numRuns: 150 },
    );
  });

  it("moves exemplars in protobuf, whatever holds them", () => {
    const exemplar = (time: bigint) => message((writer) => writer.uint32(tag(2, 1)).fixed64(longOf(time)));
    const metric = (time: bigint) =>
      message((writer) => {
        writer.uint32(tag(1, 2)).string("latency");
        for (const [kind, field] of [
          [5, 5],
          [7, 5],
          [9, 8],
          [10, 11],
        ] as const) {
          const point = message((inner) => inner.uint32(tag(field, 2)).bytes(exemplar(time)));
          writer.uint32(tag(kind, 2)).bytes(message((inner) => inner.uint32(tag(1, 2)).bytes(point)));
        }
      });
    const wrapped = (time: bigint) => {
      const scope = message((writer) => writer.uint32(tag(2, 2)).bytes(metric(time)));
      const resource = message((writer) => writer.uint32(tag(2, 2)).bytes(scope));
      return message((writer) => writer.uint32(tag(1, 2)).bytes(resource));
    };
    expect(shiftProtobuf("metrics", wrapped(BigInt(AT)), 7n)).toEqual(wrapped(BigInt(AT) + 7n));
  });

  it("refuses a shift that would leave the range of times", () => {
    expect(() => shift('{"timeUnixNano":"5"}', -5n)).toThrow(RangeError);
    expect(() => shift('{"timeUnixNano":"18446744073709551615"}', 1n)).toThrow(RangeError);
  });

  it("does not write into the bytes it was given", () => {
    const bytes = encodeRequest("traces", tracesRequest([{ endTimeUnixNano: AT }]));
    const before = hex(bytes);
    expect(hex(shiftProtobuf("traces", bytes, 1n))).not.toBe(before);
    expect(hex(bytes)).toBe(before);
  });
});

describe("reading the times of a protobuf request", () => {
  it("takes the end of a span, the time of a log record or when it was observed, and the time of a point", () => {
    const at = (ms: number) => String(BigInt(ms) * 1_000_000n + 999_999n);
    const traces = tracesRequest([
      { startTimeUnixNano: at(1_000), endTimeUnixNano: at(2_000), events: [{ timeUnixNano: at(9_000) }] },
      { startTimeUnixNano: at(1_000), endTimeUnixNano: at(3_000) },
    ]);
    expect(readProtobufContent("traces", encodeRequest("traces", traces))).toEqual({
      recordCount: 2,
      times: { firstMs: 2_000, lastMs: 3_000 },
    });
    const logs = logsRequest([
      { observedTimeUnixNano: at(5_000) },
      { timeUnixNano: at(4_000), observedTimeUnixNano: at(8_000) },
    ]);
    expect(readProtobufContent("logs", encodeRequest("logs", logs))).toEqual({
      recordCount: 2,
      times: { firstMs: 4_000, lastMs: 5_000 },
    });
    const point = { startTimeUnixNano: at(1), timeUnixNano: at(6_000) };
    const metrics = metricsRequest([
      { name: "a", gauge: { dataPoints: [point] } },
      { name: "b", summary: { dataPoints: [point, { attributes: [] }] } },
    ]);
    expect(readProtobufContent("metrics", encodeRequest("metrics", metrics))).toEqual({
      recordCount: 3,
      times: { firstMs: 6_000, lastMs: 6_000 },
    });
  });
});

describe("--shift-to-now", () => {
  const range = { firstMs: 1_000, lastMs: 61_000 };
  it("makes the newest event now when everything is sent at once", () => {
    expect(range.lastMs + chooseShiftMs(range, Infinity, 500_000)).toBe(500_000);
  });

  it("makes the first event now in real time and slower", () => {
    expect(range.firstMs + chooseShiftMs(range, 1, 500_000)).toBe(500_000);
    expect(range.firstMs + chooseShiftMs(range, 0.5, 500_000)).toBe(500_000);
  });

  it("never sends an event before it happened, and the newest one when it happens", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1_000, noNaN: true }),
        fc.integer({ min: 0, max: 60_000 }),
        (speed, offset) => {
          const nowMs = 500_000;
          const shiftMs = chooseShiftMs(range, speed, nowMs);
          const sentMs = nowMs + offset / speed;
          expect(range.firstMs + offset + shiftMs).toBeLessThanOrEqual(sentMs + 1);
          expect(range.lastMs + shiftMs).toBeCloseTo(nowMs + 60_000 / speed, -1);
        },
      ),
    );
  });
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const tag = (field: number, wireType: number) => (field << 3) | wireType;
const longOf = (value: bigint) => protobuf.util.LongBits.from(String(value)).toLong(true);
function message(write: (writer: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  write(writer);
  return Uint8Array.from(writer.finish());
}
