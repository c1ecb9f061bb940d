import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HarbingerError } from "../../../services/platform/errors.ts";
import { type Compression, inflate } from "../../../services/receiver/intake/inflate.ts";
import { decompressZstd } from "../../../services/receiver/intake/zstd/decompress.ts";
import { referenceTraces } from "../../helpers/otlp-payloads.ts";
import {
  fixtureText,
  skippableFrame,
  ZSTD_FIXTURE,
  zstdBomb,
  zstdByProgram,
  zstdFrame,
} from "../../helpers/zstd-frames.ts";

const MIB = 1024 * 1024;
const bytes = (text: string): Uint8Array => Buffer.from(text);

function codeOf(body: Uint8Array, compression: Compression, maxBytes = MIB): string {
  try {
    inflate(body, compression, maxBytes);
    return "OK";
  } catch (error) {
    expect(error).toBeInstanceOf(HarbingerError);
    return (error as HarbingerError).code;
  }
}

describe.each<[Compression, (body: Uint8Array) => Uint8Array]>([
  ["identity", (body) => body],
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["zstd", (body) => zstdFrame([{ type: "raw", bytes: body }])],
])("%s", (compression, compress) => {
  it("gives back what was compressed, up to the bound and not one byte over it", () => {
    const body = new Uint8Array(10_000).fill(7);
    expect(Buffer.compare(inflate(compress(body), compression, 10_000), body)).toBe(0);
    expect(codeOf(compress(body), compression, 9_999)).toBe("TOO_LARGE");
  });

  it("gives nothing for nothing", () => {
    expect(inflate(compress(new Uint8Array()), compression, 10)).toHaveLength(0);
  });
});

describe.each<[Compression, Uint8Array]>([
  ["gzip", gzipSync(bytes(fixtureText()))],
  ["deflate", deflateSync(bytes(fixtureText()))],
  ["zstd", ZSTD_FIXTURE],
])("%s that was damaged on the way", (compression, whole) => {
  it("is undecodable when it is cut short, wherever that is", () => {
    expect(codeOf(whole, compression)).toBe("OK");
    for (let length = 0; length < whole.length; length += 1) {
      expect(codeOf(whole.subarray(0, length), compression), `${length} bytes`).toBe("UNDECODABLE");
    }
  });

  it("is undecodable when it is something else", () => {
    expect(codeOf(bytes("not compressed at all"), compression)).toBe("UNDECODABLE");
  });
});

describe("zstd", () => {
  it("reads what the reference program made", () => {
    expect(Buffer.from(inflate(ZSTD_FIXTURE, "zstd", MIB)).toString()).toBe(fixtureText());
    expect(Buffer.from(decompressZstd(ZSTD_FIXTURE, MIB)).toString()).toBe(fixtureText());
  });

  it("reads frames one after the other, and past frames to be skipped", () => {
    const body = Buffer.concat([
      skippableFrame(bytes("padding")),
      zstdFrame([
        { type: "raw", bytes: bytes("ab") },
        { type: "rle", bytes: bytes("c"), times: 5 },
      ]),
      ZSTD_FIXTURE,
      skippableFrame(new Uint8Array()),
    ]);
    const expected = `abccccc${fixtureText()}`;
    expect(Buffer.from(inflate(body, "zstd", MIB)).toString()).toBe(expected);
    expect(Buffer.from(decompressZstd(body, MIB)).toString()).toBe(expected);
  });

  const raw = { type: "raw", bytes: bytes("abc") } as const;
  it.each<[string, Uint8Array, string]>([
    ["a window of 8 MiB", zstdFrame([raw], { window: 13 << 3 }), "OK"],
    ["a window over 8 MiB", zstdFrame([raw], { window: (13 << 3) | 1 }), "TOO_LARGE"],
    ["a window of terabytes", zstdFrame([raw], { window: 0xff }), "TOO_LARGE"],
    ["content that is said to be over the bound", zstdFrame([raw], { contentBytes: 2 * MIB }), "TOO_LARGE"],
    ["content as long as it says", zstdFrame([raw], { contentBytes: 3 }), "OK"],
    ["content shorter than it says", zstdFrame([raw], { contentBytes: 4 }), "UNDECODABLE"],
    ["a dictionary", zstdFrame([raw], { dictionaryId: 5 }), "UNDECODABLE"],
    ["the dictionary that means none", zstdFrame([raw], { dictionaryId: 0 }), "OK"],
    ["a block over 128 KiB", zstdFrame([{ type: "rle", bytes: bytes("a"), times: 128 * 1024 + 1 }]), "UNDECODABLE"],
    ["a bomb of 512 MiB", zstdBomb(4_096), "TOO_LARGE"],
    ["a hundred thousand empty blocks", zstdFrame(Array(100_000).fill({ type: "raw", bytes: bytes("") })), "TOO_LARGE"],
    // 98 047 sequences of one code each, which would copy 13 GB into a block of 128 KiB
    [
      "sequences that copy more than a block holds",
      zstdFrame([{ type: "compressed", bytes: Uint8Array.of(0, 255, 255, 255, 0x54, 35, 0, 52, 255, 255, 1) }]),
      "UNDECODABLE",
    ],
    ["a skippable frame cut short", skippableFrame(bytes("padding")).subarray(0, 10), "UNDECODABLE"],
  ])("%s", (_what, body, code) => {
    expect(codeOf(body, "zstd")).toBe(code);
  });

  it("never does more than its bounds allow, whatever the bytes", () => {
    const property = fc.property(
      fc.array(fc.tuple(fc.nat({ max: ZSTD_FIXTURE.length - 1 }), fc.nat({ max: 255 })), {
        minLength: 1,
        maxLength: 8,
      }),
      (changes) => {
        const body = Buffer.from(ZSTD_FIXTURE);
        for (const [at, byte] of changes) body[at] = byte;
        try {
          expect(decompressZstd(body, MIB).length).toBeLessThanOrEqual(MIB);
        } catch (error) {
          // a refusal, or the end of the body: nothing that says that our own code went wrong
          expect(error).not.toBeInstanceOf(TypeError);
        }
      },
    );
    fc.assert(property, { numRuns: 3_000 });
  });

  it.skipIf(zstdByProgram(new Uint8Array()) === null)("reads every level of the reference program", () => {
    const { protobuf } = referenceTraces({ spanCount: 1_500 });
    for (const level of ["--fast=5", "-1", "-3", "-9", "-19", "--no-check"]) {
      const body = zstdByProgram(protobuf, level) ?? new Uint8Array();
      expect(Buffer.compare(decompressZstd(body, 4 * MIB), protobuf), level).toBe(0);
      expect(Buffer.compare(inflate(body, "zstd", 4 * MIB), protobuf), level).toBe(0);
    }
  });
});
