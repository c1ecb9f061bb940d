import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toErrorRecord } from "../../../datasets/errors/labelled-error.ts";
import { encodeError } from "../../../models/classifier/encoder.ts";
import { createErrorReader } from "../../../models/classifier/error-reader.ts";
import { fingerprintError } from "../../../models/classifier/fingerprint.ts";
import { createGenerationCache } from "../../../models/classifier/generation-cache.ts";
import { messageTemplate } from "../../../models/classifier/message-template.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { createTraceMemory } from "../../../models/classifier/trace-memory.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

const FAULTS = readFileSync(new URL("../../../datasets/errors/faultlab.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line): ErrorRecord => toErrorRecord(JSON.parse(line)));

/** Pieces that mean something to one of the parsers, at a place where they can hurt. */
const PIECES = [
  "503", "ORA-00060", "errno: 111", "code: 'ECONNREFUSED'", "exit code 137", "(1205, 'x'", "\"quoted 12\"", "https://a.b/c?d=1", "é",
  "\n", "panic: ", " ---> ", "{", "]", "Caused by: ", "at x", "a1b2c3", "10.0.0.7:5432", "  ", "\t", "Error: ", "x.go:12:in `y'", "^",
]; // biome-ignore format: a table
const spoiled = fc
  .record({
    fault: fc.constantFrom(...FAULTS),
    piece: fc.constantFrom(...PIECES),
    at: fc.nat(120),
    digits: fc.nat(99_999),
  })
  .map(({ fault, piece, at, digits }): ErrorRecord => {
    const spoil = (text: string | undefined) =>
      text === undefined ? {} : `${text.slice(0, at)}${piece}${text.slice(at)}`.replace(/\d+/, String(digits));
    const spoilt = { ...fault };
    for (const field of ["exceptionMessage", "stacktrace", "body"] as const) {
      const text = spoil(fault[field]);
      if (typeof text === "string") spoilt[field] = text;
    }
    return spoilt;
  });

describe("reading the errors of a stream", () => {
  it("gives every error the identity that it has alone", () => {
    const reader = createErrorReader();
    for (const fault of FAULTS) expect(reader.read(fault).identity).toEqual(fingerprintError(fault));
    fc.assert(
      fc.property(spoiled, (record) => {
        expect(reader.read(record).identity).toEqual(fingerprintError(record));
      }),
      { numRuns: 500 },
    );
  });

  it("parses traces as if it had never seen one, whatever stands in their first line", () => {
    const parse = createTraceMemory();
    fc.assert(
      fc.property(spoiled, (record) => {
        expect(readError(record, parse)).toEqual(readError(record));
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds frames again under another message", () => {
    const parse = createTraceMemory();
    const trace = (message: string) => `java.lang.IllegalStateException: ${message}\n\tat com.shop.A.b(A.java:1)`;
    const [first] = parse(trace("order 17: no stock (yet)")).chain;
    const [second] = parse(trace("order 18: no stock (yet)")).chain;
    expect([first?.message, second?.message]).toEqual(["order 17: no stock (yet)", "order 18: no stock (yet)"]);
    expect(second?.frames).toBe(first?.frames);
    expect(second?.frames).toHaveLength(1);
  });
});

describe("the gist of an error", () => {
  it("is the same for occurrences that differ in values, and another one where a code differs", () => {
    const reader = createErrorReader();
    const key = (exceptionMessage: string) => reader.read({ ...FAULTS[0]!, exceptionMessage }).gist.key;
    expect(key("order 17 at 10.0.0.7:5432 failed")).toBe(key("order 9 at 10.1.0.7:5433 failed"));
    expect(key("answered with status 503")).not.toBe(key("answered with status 429"));
    expect(key("order failed")).not.toBe(key("order refused"));
  });

  it("is the same to the network as the error itself", () => {
    const reader = createErrorReader();
    for (const fault of FAULTS) {
      expect(encodeError(reader.read(fault).gist.error)).toEqual(encodeError(readError(fault)));
    }
  });
});

describe("templates", () => {
  it("are templates of themselves, unless they grew beyond the bound of a message", () => {
    for (const { exceptionMessage, body } of FAULTS) {
      const template = messageTemplate(exceptionMessage ?? body ?? "");
      expect(messageTemplate(template)).toBe(template.slice(0, 2_000).trim());
    }
  });
});

describe("a generation cache", () => {
  it("keeps what is asked for and forgets the rest, within its bound", () => {
    const cache = createGenerationCache<number>(10);
    cache.set("kept", 1);
    for (let index = 0; index < 100; index++) {
      cache.set(`${index}`, index);
      expect(cache.get("kept")).toBe(1);
    }
    expect(cache.get("99")).toBe(99);
    const known = Array.from({ length: 100 }, (_, index) => cache.get(`${index}`)).filter(
      (value) => value !== undefined,
    );
    expect(known.length).toBeLessThanOrEqual(20);
    cache.clear();
    expect(cache.get("kept")).toBeUndefined();
  });
});
