import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadLabelledErrors, toErrorRecord } from "../../../datasets/errors/labelled-error.ts";
import { createErrorEncoder, encodeError, tokensOf } from "../../../models/classifier/encoder.ts";
import { finishHash, hash32, mixText } from "../../../models/classifier/hashing.ts";
import { identifierWords } from "../../../models/classifier/identifiers.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { wordsOf } from "../../../models/classifier/words.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { plainIdentifierWords, plainTokens, plainWords } from "../../helpers/plain-encoder.ts";

const record = (fields: Partial<ErrorRecord>): ErrorRecord => ({
  service: { namespace: "", name: "", environment: "" },
  ...{ timeMs: 0, source: "log", attributes: {} },
  ...fields,
});

const piece = fc.oneof(
  fc.constantFrom(
    "HTTPError2",
    "aB",
    "don't",
    "it's",
    "<num>",
    "<id>",
    "<",
    "'",
    "''",
    "_",
    " _ ",
    "İ",
    "ß",
    "日本",
    "😀",
    "0x1f",
    "a1",
  ),
  fc.constantFrom(
    "Caused by: ",
    "java.net.SocketTimeoutException",
    "timed out",
    "SQLSTATE 57014",
    "status 503",
    "http://x/y",
    "\n",
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const text = fc
  .array(piece, { maxLength: 30 })
  .chain((parts) => fc.constantFrom(" ", "", ": ").map((by) => parts.join(by)));

describe("tokens", () => {
  it("are those of the plain recipe, to the last bit, for whatever text", () => {
    fc.assert(
      fc.property(text, text, text, (type, message, body) => {
        const error = readError(record({ exceptionType: type, exceptionMessage: message, body }));
        expect(tokensOf(encodeError(error))).toEqual(plainTokens(error));
      }),
      { numRuns: 300 },
    );
  });

  it("are those of the plain recipe for recorded errors, also where one encoder serves all of them", async () => {
    const encode = createErrorEncoder();
    for (const file of ["faultlab.jsonl", "provoked.jsonl"]) {
      const rows = await loadLabelledErrors(
        fileURLToPath(new URL(`../../../datasets/errors/${file}`, import.meta.url)),
      );
      expect(rows.length).toBeGreaterThan(500);
      for (const row of rows.filter((_, index) => index % 7 === 0)) {
        const error = readError(toErrorRecord(row));
        const encoded = encode(error);
        encode(readError(record({ body: "something else in between" })));
        expect(tokensOf(encoded)).toEqual(plainTokens(error));
      }
    }
  });

  it("of a very long message are counted too", () => {
    const words = Array.from(
      { length: 60 },
      (_, index) => `${String.fromCharCode(97 + (index % 26)).repeat(20)}${"xyzw"[index % 4]}`,
    );
    const error = readError(record({ body: words.join(" ") }));
    const encoded = encodeError(error);
    expect(encoded.indices.length).toBeGreaterThan(256);
    expect(tokensOf(encoded)).toEqual(plainTokens(error));
  });
});

describe("words", () => {
  it("are read alike with and without expressions", () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: fc.constantFrom(..."aBC1_'<>-. st") })), (own) => {
        expect(identifierWords(own)).toEqual(plainIdentifierWords(own));
        expect(wordsOf(own)).toEqual(plainWords(own));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("hashing in parts", () => {
  it("gives the hash of the whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), fc.integer(), (left, right, seed) => {
        const parts = finishHash(mixText(mixText(seed | 0, left), right), left.length + right.length);
        expect(parts).toBe(hash32(left + right, seed));
      }),
    );
    expect(hash32("word:timeout", 0x48415242)).toBe(4177885536);
  });
});
