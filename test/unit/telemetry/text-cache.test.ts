import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemo } from "../../../models/telemetry/memo.ts";
import { TextCache } from "../../../models/telemetry/text-cache.ts";

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const decoded = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const textIn = (cache: TextCache, bytes: Uint8Array) => cache.text(bytes, viewOf(bytes), 0, bytes.length);

describe("the text cache", () => {
  it("answers as a decoder does, whatever it was asked before", () => {
    const cache = new TextCache();
    // few bytes and few lengths, so that texts meet in the same places of the tables
    const bytes = fc.array(fc.constantFrom(0x41, 0x42, 0xc3, 0xa9, 0xff, 0x5c, 0x6e), { maxLength: 4 });
    const padded = fc.tuple(bytes, fc.constantFrom(0, 1, 59, 60, 61, 62, 63, 64, 65, 66, 67, 200));
    fc.assert(
      fc.property(fc.array(padded, { maxLength: 20 }), (texts) => {
        for (const [head, padding] of texts) {
          const body = Uint8Array.from([...head, ...Array(padding).fill(0x61), ...head]);
          expect(textIn(cache, body)).toBe(decoded(body));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("hands out the same text again, short or long, from another array too", () => {
    const cache = new TextCache();
    for (const text of ["http.route", "at frame (file.js:1:1)\n".repeat(100)]) {
      const first = new TextEncoder().encode(text);
      const second = Uint8Array.from([0, ...first, 0]);
      textIn(cache, first);
      first.fill(0);
      expect(cache.text(second, viewOf(second), 1, second.length - 1)).toBe(text);
    }
  });

  it("does not take the escapes of JSON for the same bytes without meaning", () => {
    const cache = new TextCache();
    const inside = "line\\n".repeat(40);
    const quoted = new TextEncoder().encode(`"${inside}"`);
    const [start, end] = [1, quoted.length - 1];
    expect(cache.text(quoted, viewOf(quoted), start, end)).toBe(inside);
    expect(cache.escapedText(quoted, viewOf(quoted), start, end)).toBe("line\n".repeat(40));
    expect(cache.text(quoted, viewOf(quoted), start, end)).toBe(inside);
  });
});

describe("a memo", () => {
  it("asks once for an input that comes again, null answers too", () => {
    let asked = 0;
    const isKept = createMemo(10, (name: string) => {
      asked += 1;
      return name === "kept" ? name : null;
    });
    expect([isKept("kept"), isKept("other"), isKept("kept"), isKept("other")]).toEqual(["kept", null, "kept", null]);
    expect(asked).toBe(2);
  });

  it("forgets all when it is full, and then knows the newest", () => {
    const asked: number[] = [];
    const double = createMemo(2, (input: number) => {
      asked.push(input);
      return 2 * input;
    });
    expect([1, 2, 3, 3, 1].map(double)).toEqual([2, 4, 6, 6, 2]);
    expect(asked).toEqual([1, 2, 3, 1]);
  });
});
