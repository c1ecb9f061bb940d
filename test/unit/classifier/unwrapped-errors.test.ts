import { describe, expect, it } from "vitest";
import { codesOfText } from "../../../models/classifier/codes.ts";
import { parseTrace } from "../../../models/classifier/parse-trace.ts";

const panic = (value: string): string =>
  `thread 'main' (7) panicked at src/main.rs:3:17:\ncalled \`Result::unwrap()\` on an \`Err\` value: ${value}\nnote: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`;

describe("a Rust program that unwraps an error", () => {
  it.each([
    [
      'Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }',
      "std::io::Error",
      "Connection refused (ConnectionRefused, os error 111)",
    ],
    ['LedgerError("entry does not balance")', "LedgerError", "entry does not balance"],
    ["ParseIntError { kind: InvalidDigit }", "ParseIntError", "kind: InvalidDigit"],
    ["NotPresent", "NotPresent", ""],
    ['"no such tariff"', null, '"no such tariff"'],
  ])("has %s for its cause", (value, type, message) => {
    const { runtime, chain } = parseTrace(panic(value));
    expect(runtime).toBe("rust");
    expect(chain.map((cause) => cause.type)).toEqual(["panic", type]);
    expect(chain.at(-1)!.message).toBe(message);
  });

  it("keeps its own message where it unwrapped nothing", () => {
    const { chain } = parseTrace(
      "thread 'main' panicked at src/main.rs:3:17:\nindex out of bounds: the len is 3 but the index is 9",
    );
    expect(chain.map(({ type, message }) => [type, message])).toEqual([
      ["panic", "index out of bounds: the len is 3 but the index is 9"],
    ]);
  });
});

describe("statuses in the logs of servers", () => {
  it.each([
    ['10.0.0.7 - - [23/Nov/2026:18:09:40 +0000] "GET /a HTTP/1.1" 502 157 "-" "okhttp/4.9"', "http:502"],
    [
      '10.0.0.7:4711 [03/Mar/2026:10:11:12.123] edge api/web1 0/0/-1/-1/3 503 217 - - SC-- 1/1/0/0/3 0/0 "GET / HTTP/1.1"',
      "http:503",
    ],
  ])("are read from %s", (line, code) => expect(codesOfText(line, false)).toContain(code));

  it("are not read from numbers that only look like one", () => {
    expect(codesOfText("moved 404 217 pallets to hall 5/500 12", false)).not.toContain("http:404");
  });
});
