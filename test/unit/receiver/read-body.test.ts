import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createByteBudget } from "../../../services/receiver/intake/byte-budget.ts";
import { Body, readBody } from "../../../services/receiver/intake/read-body.ts";

describe("a body in pieces", () => {
  it("is what came, from any byte on, however it was cut", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 5 }),
      fc.nat({ max: 9_000 }).map((size) => new Uint8Array(size).fill(size)),
    );
    const property = fc.property(fc.array(piece, { maxLength: 12 }), fc.nat({ max: 12 }), (pieces, from) => {
      const body = new Body();
      for (const bytes of pieces) body.append(bytes);
      const whole = Buffer.concat(pieces);
      expect(body.size).toBe(whole.length);
      expect(Buffer.compare(body.copyFrom(from), whole.subarray(from))).toBe(0);
      expect(Buffer.compare(body.head(from), whole.subarray(0, from))).toBe(0);
    });
    fc.assert(property);
  });

  it("keeps no object for each of a million single bytes", () => {
    const body = new Body();
    const one = Uint8Array.of(7);
    for (let index = 0; index < 1_000_000; index += 1) body.append(one);
    expect(body.size).toBe(1_000_000);
    expect(body.pieceCount()).toBeLessThan(100);
  });
});

describe("the byte budget", () => {
  const read = (source: PassThrough, maxInFlight: number, maxBytes = 100) => {
    const budget = createByteBudget(maxInFlight);
    return { budget, body: readBody(source, { maxBytes, framingBytes: 5, timeoutMs: 1_000, budget }) };
  };

  it("holds the size of a body that was read, for its reader to give back", async () => {
    const source = new PassThrough();
    const { budget, body } = read(source, 200);
    source.end(new Uint8Array(105));
    expect((await body).size).toBe(105);
    expect(budget.inUse()).toBe(105);
  });

  it.each<[string, string, number, (source: PassThrough) => unknown]>([
    ["too large", "TOO_LARGE", 200, (source) => source.write(new Uint8Array(106))],
    ["over the budget", "OVERLOADED", 50, (source) => source.write(new Uint8Array(60))],
    ["left by its sender", "UNAVAILABLE", 200, (source) => source.destroy()],
    ["broken", "UNAVAILABLE", 200, (source) => source.destroy(new Error("reset"))],
  ])("gets everything back from a body that is %s", async (_what, code, maxInFlight, end) => {
    const source = new PassThrough();
    source.on("error", () => {});
    const { budget, body } = read(source, maxInFlight);
    source.write(new Uint8Array(40));
    setImmediate(() => end(source));
    await expect(body).rejects.toMatchObject({ code });
    expect(budget.inUse()).toBe(0);
  });
});
