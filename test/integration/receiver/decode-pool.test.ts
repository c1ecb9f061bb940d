import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DecodeOrder, DecodeSettings } from "../../../services/receiver/intake/decode-export.ts";
import { createDecodePool, type DecodePool } from "../../../services/receiver/intake/decode-pool.ts";
import { referenceTraces } from "../../helpers/otlp-payloads.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";

const settings: DecodeSettings = {
  maxBodyBytes: 1_000_000,
  windowSizeMs: 60_000,
  maxPastMs: 3_600_000,
  maxFutureMs: 600_000,
  limits: {},
};
const order = (body: Uint8Array, compression: DecodeOrder["compression"] = "identity"): DecodeOrder => ({
  signal: "traces",
  encoding: "protobuf",
  compression,
  body,
  receivedAtMs: NOW_MS,
});

let threads: DecodePool;
let inline: DecodePool;
beforeAll(async () => {
  threads = await createDecodePool(2, settings);
  inline = await createDecodePool(0, settings);
});
afterAll(async () => {
  await threads.close();
  await inline.close();
});

describe("decoding on threads", () => {
  it("gives what decoding on the event loop gives, for many requests at once", async () => {
    const bodies = Array.from({ length: 20 }, (_, seed) =>
      gzipSync(referenceTraces({ seed, spanCount: 100, untilMs: NOW_MS }).protobuf),
    );
    const expected = await Promise.all(bodies.map((body) => inline.decode(order(Uint8Array.from(body), "gzip"))));
    expect(expected.every((outcome) => outcome.ok && outcome.facts.recordCount === 100)).toBe(true);
    expect(await Promise.all(bodies.map((body) => threads.decode(order(body, "gzip"))))).toEqual(expected);
  });

  it("says what is wrong with a body, and goes on", async () => {
    const garbage = await threads.decode(order(Uint8Array.of(0xff, 0xff)));
    expect(garbage).toMatchObject({ ok: false, code: "UNDECODABLE" });
    const bomb = await threads.decode(order(gzipSync(new Uint8Array(50_000_000)), "gzip"));
    expect(bomb).toMatchObject({ ok: false, code: "TOO_LARGE" });
    const { protobuf } = referenceTraces({ spanCount: 10, untilMs: NOW_MS });
    expect(await threads.decode(order(protobuf))).toMatchObject({ ok: true, facts: { recordCount: 10 } });
  });

  it("calls a thread that is lost with its request unavailable, and goes on with another", async () => {
    const losses: unknown[] = [];
    const options = { onThreadLost: (reason: unknown) => losses.push(reason), maxHeapMb: 16 };
    const pool = await createDecodePool(1, { ...settings, maxBodyBytes: 100_000_000 }, options);
    const large = referenceTraces({ spanCount: 5_000, errorRatio: 1, untilMs: NOW_MS }).protobuf;
    await expect(pool.decode(order(large))).rejects.toMatchObject({ code: "UNAVAILABLE", retryable: true });
    expect(losses.length).toBeGreaterThan(0);
    const { protobuf } = referenceTraces({ spanCount: 10, untilMs: NOW_MS });
    expect(await pool.decode(order(protobuf))).toMatchObject({ ok: true, facts: { recordCount: 10 } });
    await pool.close();
  });

  it("leaves a buffer that others share where it is", async () => {
    const shared = Buffer.alloc(64, 1);
    await threads.decode(order(shared.subarray(0, 8)));
    expect(shared.length).toBe(64);
    expect(shared[63]).toBe(1);
  });

  it("finishes what it was given before it closes", async () => {
    const pool = await createDecodePool(1, settings);
    const { protobuf } = referenceTraces({ spanCount: 500, untilMs: NOW_MS });
    const outcomes = Promise.all(Array.from({ length: 5 }, () => pool.decode(order(Uint8Array.from(protobuf)))));
    await pool.close();
    expect((await outcomes).every(({ ok }) => ok)).toBe(true);
  });
});
