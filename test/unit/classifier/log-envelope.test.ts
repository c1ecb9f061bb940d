import { describe, expect, it } from "vitest";
import { FORMAT_COUNT, formatLine } from "../../../datasets/faultlab/log-formats.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { unwrapLogLine } from "../../../models/classifier/traces/log-envelope.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

const TEXT = "parcel 17 was not sent: connection refused by the carrier";

function logged(body: string): ErrorRecord {
  return { service: { namespace: "", name: "", environment: "" }, timeMs: 0, source: "log", attributes: {}, body };
}

describe("lines of loggers", () => {
  it.each(Array.from({ length: FORMAT_COUNT }, (_, format) => format))("say the same in format %i", (format) => {
    const { root } = readError(logged(formatLine(format, { text: TEXT, service: "tickets", n: 123_456 })));
    expect(root.type).toBeNull();
    // What some append, their context and their thread, stays.
    expect(root.message.startsWith(TEXT)).toBe(true);
  });

  it("keep what stands beside the message, errors first, and drop times, levels and ids", () => {
    const line = {
      level: "error",
      status: 503,
      err: { message: "no healthy upstream", code: "E1" },
      event: "lookup failed",
      ts: 1,
    };
    expect(unwrapLogLine(JSON.stringify(line))).toBe("lookup failed: no healthy upstream status=503 err.code=E1");
    expect(unwrapLogLine('time=1 level=error msg="a \\"b\\" c" error="dial tcp: refused" attempt=3')).toBe(
      'a "b" c: dial tcp: refused attempt=3',
    );
  });

  it("give the trace that a field holds to the parser of its runtime", () => {
    const stack = "TypeError: x is undefined\n    at total (/srv/cart.js:3:9)\n    at main (/srv/main.js:1:1)";
    const { root } = readError(
      logged(JSON.stringify({ level: 50, msg: "cart failed", err: { type: "TypeError", stack } })),
    );
    expect(root.type).toBe("TypeError");
    expect(root.frames).toHaveLength(2);
  });

  it.each([
    '{"msg":"cut of',
    "{}",
    "a=b",
    "rate=1.5 is too high, limit=1.2 applies",
    '{"rate": 1.07}',
    "no pairs at all",
  ])("leave %s as it is", (text) => expect(unwrapLogLine(text)).toBe(text));
});
