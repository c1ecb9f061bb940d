import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import { JsonReader } from "../../../models/telemetry/json-reader.ts";
import { summarise } from "../../../models/telemetry/summarise.ts";
import { seeded } from "../../helpers/otlp-payloads.ts";
import { options } from "../../helpers/summarise-options.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const REFUSED = Symbol("refused");

/** What JSON.parse makes of a body, as text, so that -0 and the order of fields count. */
function parsed(body: Uint8Array): string | typeof REFUSED {
  try {
    return shown(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return REFUSED;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_name, part) =>
    typeof part === "number" ? `number ${Object.is(part, -0) ? "-0" : part}` : part,
  );
}

function readWith(body: Uint8Array, read: (reader: JsonReader) => unknown): unknown {
  const reader = new JsonReader(body);
  try {
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof TelemetryDecodeError) return REFUSED;
    throw error;
  }
}

/** Building and walking past must both accept what JSON.parse accepts. */
function expectAsParsed(body: Uint8Array): void {
  const expected = parsed(body);
  expect(readWith(body, (reader) => shown(reader.value()))).toBe(expected);
  expect(readWith(body, (reader) => reader.skip())).toBe(expected === REFUSED ? REFUSED : undefined);
}

/** what JSON is made of, and what looks like it */
const TOKENS = [
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    " ",
    "\n",
    "\t",
    "\r",
    "0",
    "1",
    "-",
    "+",
    ".",
    "e",
    "E",
    "true",
    "false",
  ],
  ...[
    "null",
    "nul",
    "NaN",
    "Infinity",
    "undefined",
    "'",
    "/",
    "01",
    "1.",
    ".5",
    "1.5",
    "-0",
    "1e3",
    "1E-2",
    "1e+",
    "1e999",
  ],
  ...[
    '"a"',
    '"\\n"',
    '"\\u00e9"',
    '"\\ud800"',
    '"\\u12"',
    '"\\x"',
    '"\\u00zz"',
    "\u0000",
    "\u0001",
    "\u001f",
    "\u007f",
  ],
  ...["\u00a0", "\u2028", "\ufeff", "\u000b", "\f", '{"a":1}', "[1,2]", "{}", "[]", '""', "é", "😀", "\\u0041"],
];
const soup = fc.array(fc.constantFrom(...TOKENS), { maxLength: 12 }).map((tokens) => tokens.join(""));
const recorded = ["traces", "logs", "metrics"].map((signal) =>
  readFileSync(new URL(`../../golden/receiver/recorded/${signal}.json.bin`, import.meta.url)),
);

describe("the JSON reader accepts what JSON.parse accepts, and reads it as the same value", () => {
  it("of random tokens", () => {
    fc.assert(
      fc.property(soup, (text) => expectAsParsed(encode(text))),
      { numRuns: 5_000 },
    );
  });

  it("of random tokens within something well-formed", () => {
    fc.assert(
      fc.property(soup, fc.constantFrom('"?"', "[?]", "[1,?]", '{"a":?}', '{"a":1,?}', "{?}", "[[?]]"), (text, frame) =>
        expectAsParsed(encode(frame.replace("?", () => text))),
      ),
      { numRuns: 5_000 },
    );
  });

  it("of any value that can be written", () => {
    fc.assert(
      // __proto__ is a field that nobody reads, and that the reader leaves out
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        fc.pre(!text.includes("__proto__"));
        expectAsParsed(encode(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it("of bytes that are no UTF-8", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.constantFrom('"', "[", ""), (bytes, quote) =>
        expectAsParsed(Uint8Array.from([...encode(quote), ...bytes, ...encode(quote === "[" ? "]" : quote)])),
      ),
      { numRuns: 3_000 },
    );
  });

  it("of recorded requests, damaged in a few places", () => {
    const random = seeded(11);
    const outcomes = { accepted: 0, refused: 0 };
    for (let round = 0; round < 3_000; round += 1) {
      const body = [...recorded[round % recorded.length]!];
      for (let edit = 0; edit <= round % 3; edit += 1) {
        const at = Math.floor(random() * body.length);
        const token = encode(TOKENS[Math.floor(random() * TOKENS.length)]!);
        body.splice(at, Math.floor(random() * 3), ...token);
      }
      const bytes = Uint8Array.from(body);
      expectAsParsed(bytes);
      outcomes[parsed(bytes) === REFUSED ? "refused" : "accepted"] += 1;
    }
    expect(outcomes.accepted).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it.each([
    ["one byte order mark", "\ufeff{}", true],
    ["two of them", "\ufeff\ufeff{}", false],
    ["one after the start", " \ufeff{}", false],
    ["a byte order mark in a text", '"\ufeffa"', true],
  ])("with %s", (_what, text, isAccepted) => {
    expectAsParsed(encode(text));
    expect(parsed(encode(text)) !== REFUSED).toBe(isAccepted);
  });

  it("cut off anywhere", () => {
    const whole = encode('{"a":[1.5e-3,"x\\u00e9\\n",true,false,null,{"b":-0}],"c":"é"} ');
    for (let length = 0; length <= whole.length; length += 1) expectAsParsed(whole.subarray(0, length));
  });
});

describe("bodies made to cost much are refused", () => {
  const SIZE = 16 * 1024 * 1024;
  const filled = (unit: string, head = "", tail = "") =>
    Buffer.concat([encode(head), Buffer.alloc(SIZE, unit), encode(tail)]);

  it.each([
    ["all brackets", filled("["), "undecodable"],
    ["all braces", filled('{"a":'), "undecodable"],
    ["all quotes", filled('"'), "undecodable"],
    ["one text without end", filled("a", '{"resourceSpans":"'), "undecodable"],
    ["one text of escapes", filled("\\\\", '{"resourceSpans":"', '"}'), "undecodable"],
    ["one text of unicode escapes", filled("\\u0041", '{"resourceSpans":[{"\\u0072esource":"', '"}]}'), "undecodable"],
    ["one number", filled("1", '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":', "}]}]}]}"), "undecodable"],
    ["all white space", filled(" "), "undecodable"],
    ["empty lists without end", filled("[],", '{"x":['), "too_large"],
    ["empty objects without end", filled("{},", '{"resourceSpans":['), "too_large"],
  ])("%s", (_what, body, failure) => {
    expect(() => summarise("traces", body, "json", options())).toThrow(expect.objectContaining({ failure }));
  });
});
