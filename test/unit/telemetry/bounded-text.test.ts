import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundKey, boundStacktrace, boundText } from "../../../models/telemetry/bounded-text.ts";

const anyText = fc.string({ unit: "binary", maxLength: 80 });
const isWellFormed = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text)) === text;

describe("bounded text", () => {
  it("never exceeds its bound, never splits a character and holds no NUL", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 60 }), (text, maxLength) => {
        for (const bounded of [boundText(text, maxLength), boundStacktrace(text, maxLength)]) {
          expect(bounded.length).toBeLessThanOrEqual(maxLength);
          expect(isWellFormed(bounded)).toBe(true);
          expect(bounded).not.toContain("\u0000");
        }
      }),
    );
  });

  it("leaves proper text within its bound alone", () => {
    expect(boundText("naïve 😀 text", 100)).toBe("naïve 😀 text");
  });

  it("replaces what no database stores", () => {
    expect(boundText("a\u0000b\ud800c\udc00", 100)).toBe("a\ufffdb\ufffdc\ufffd");
  });

  it("keeps both ends of a stack trace", () => {
    const trace = `head ${"x".repeat(1_000)} Caused by: the reason`;
    const bounded = boundStacktrace(trace, 100);
    expect(bounded).toMatch(/^head x+\n…\nx+ Caused by: the reason$/);
  });

  it("does not hand out the one key that plain objects cannot hold", () => {
    expect(boundKey("__proto__", 100)).toBe("_proto_");
  });
});
