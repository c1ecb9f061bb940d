import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { int64Value } from "../../../models/telemetry/any-value.ts";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import { WireReader } from "../../../models/telemetry/wire-reader.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("the wire reader", () => {
  it("reads every 64-bit varint that protobufjs writes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const unsigned = BigInt.asUintN(64, value);
        const writer = protobuf.Writer.create();
        writer.int64(value.toString());
        const reader = new WireReader(writer.finish());
        reader.varint64();
        expect((BigInt(reader.hi) << 32n) | BigInt(reader.lo)).toBe(unsigned);
        const read = int64Value(reader.lo, reader.hi);
        expect(BigInt(read)).toBe(value);
        expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? "number" : "string");
      }),
    );
  });

  it("decodes text of any length as protobufjs does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), (text) => {
        const encoded = new TextEncoder().encode(text);
        const twice = Uint8Array.from([...encoded, ...encoded]);
        const reader = new WireReader(twice);
        expect(reader.text(0, encoded.length)).toBe(text);
        expect(reader.text(encoded.length, twice.length)).toBe(text);
      }),
    );
  });

  it.each([
    ["a field number of 0", bytes(0x00)],
    ["a tag without a value", bytes(0x08)],
    ["a length beyond the end", bytes(0x0a, 0x05, 0x01)],
    ["a length of 2^63", bytes(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01)],
    ["a varint of eleven bytes", bytes(0x08, ...Array(11).fill(0xff))],
    ["a fixed64 cut short", bytes(0x09, 1, 2, 3)],
    ["a fixed32 cut short", bytes(0x0d, 1)],
    ["wire type 6", bytes(0x0e)],
    ["the end of a group that never began", bytes(0x0c)],
    ["a group that never ends", bytes(0x0b, 0x08, 0x01)],
    ["a group that ends with another's number", bytes(0x0b, 0x14)],
    ["groups within groups without end", bytes(...Array(200).fill(0x0b))],
  ])("refuses %s", (_what, input) => {
    expect(() => skipAll(input)).toThrow(TelemetryDecodeError);
  });

  it("walks past every kind of field", () => {
    const input = bytes(
      0x08,
      0x96,
      0x01,
      0x11,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      0x1a,
      2,
      9,
      9,
      0x25,
      1,
      2,
      3,
      4,
      0x2b,
      0x08,
      1,
      0x2c,
    );
    expect(skipAll(input)).toBe(input.length);
  });
});

function skipAll(input: Uint8Array): number {
  const reader = new WireReader(input);
  while (reader.pos < input.length) {
    reader.skip(reader.tag(), input.length);
    reader.ensureWithin(input.length);
  }
  return reader.pos;
}
