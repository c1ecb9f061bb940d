import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintError } from "../../../models/classifier/fingerprint.ts";
import { messageTemplate } from "../../../models/classifier/message-template.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

const record = (fields: Partial<ErrorRecord>): ErrorRecord => ({
  service: { namespace: "", name: "shop", environment: "" },
  timeMs: 0,
  source: "span_event",
  attributes: {},
  ...fields,
});

describe("message templates", () => {
  it.each([
    ["order 20006 at 10.0.0.7:5432 failed after 3.2s", "order <num> at <addr> failed after <num>"],
    ["user 3fa85f64-5717-4562-b3fc-2c963f66afa6 not found", "user <uuid> not found"],
    ["open /var/lib/app/7.csv: no such file", "open <path>: no such file"],
    ["at 2026-01-02T03:04:05Z GET https://api.example.com/v1?id=7", "at <time> GET <url>"],
    ["pointer 0x7ffde0 for ord-99182", "pointer <hex> for <id>"],
    ["mail to user@example.com bounced", "mail to <email> bounced"],
    ["line 3, column 14", "line <num>, column <num>"],
    ["HTTP2 and UTF-8 stay", "HTTP2 and UTF-8 stay"],
  ])("turns %j into %j", (message, template) => {
    expect(messageTemplate(message)).toBe(template);
  });
});

describe("fingerprints", () => {
  it("are equal for occurrences that differ in values, and carry their version", () => {
    const first = fingerprintError(record({ exceptionType: "E", exceptionMessage: "order 17 not found" }));
    const second = fingerprintError(record({ exceptionType: "E", exceptionMessage: "order 99182 not found" }));
    expect(first).toEqual({ ...second, template: first.template });
    expect(first.fingerprint).toMatch(/^v2-[0-9a-f]{24}$/);
  });

  it("do not depend on line numbers", () => {
    const at = (line: number) =>
      fingerprintError(record({ exceptionType: "a.E", stacktrace: `a.E: x\n\tat com.shop.A.b(A.java:${line})` }));
    expect(at(1)).toEqual(at(200));
  });

  it("never join two exception types", () => {
    const type = fc.stringMatching(/^[A-Z][a-z]{1,8}Error$/);
    fc.assert(
      fc.property(type, type, fc.string(), (left, right, message) => {
        fc.pre(left !== right);
        const of = (exceptionType: string) =>
          fingerprintError(record({ exceptionType, exceptionMessage: message })).fingerprint;
        expect(of(left)).not.toBe(of(right));
      }),
    );
  });
});
