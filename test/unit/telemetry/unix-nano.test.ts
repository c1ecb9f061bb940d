import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import { durationMs, setFromJson, setFromWords } from "../../../models/telemetry/unix-nano.ts";

const time = () => ({ ms: -1, nanos: -1 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("unix nanoseconds", () => {
  it("are exact from both encodings, over the whole range", () => {
    fc.assert(
      fc.property(uint64, (value) => {
        const [words, json] = [time(), time()];
        setFromWords(words, Number(value & 0xffff_ffffn), Number(value >> 32n));
        setFromJson(json, value.toString());
        const expected = { ms: Number(value / 1_000_000n), nanos: Number(value % 1_000_000n) };
        expect(words).toEqual(expected);
        expect(json).toEqual(expected);
      }),
    );
  });

  it("keep the last nanosecond before a window on its side of the boundary", () => {
    const before = time();
    setFromJson(before, "1736942399999999999");
    expect(before).toEqual({ ms: 1_736_942_399_999, nanos: 999_999 });
  });

  it("accept JSON numbers", () => {
    const number = time();
    setFromJson(number, 1_500_000);
    expect(number).toEqual({ ms: 1, nanos: 500_000 });
  });

  it.each([
    [-1],
    [1.5],
    ["-1"],
    ["1e3"],
    ["18446744073709551616"],
    ["x"],
    [""],
    [true],
    [{}],
    [[]],
    [Number.NaN],
  ])("refuse %j", (value) => {
    expect(() => setFromJson(time(), value)).toThrow(TelemetryDecodeError);
  });

  it("give a duration of 0 when a clock went backwards or a time is missing", () => {
    expect(durationMs({ ms: 10, nanos: 0 }, { ms: 12, nanos: 500_000 })).toBe(2.5);
    expect(durationMs({ ms: 10, nanos: 0 }, { ms: 9, nanos: 0 })).toBe(0);
    expect(durationMs({ ms: 0, nanos: 0 }, { ms: 9, nanos: 0 })).toBe(0);
  });
});
