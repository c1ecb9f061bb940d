import { describe, expect, it } from "vitest";
import { summariseLogs } from "../../../models/telemetry/summarise.ts";
import { asJson, logsRequest, nanos, text } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { NOW_MS, options } from "../../helpers/summarise-options.ts";

const log = (changes: object = {}) => ({
  timeUnixNano: nanos(NOW_MS),
  severityNumber: 9,
  body: { stringValue: "all is well" },
  ...changes,
});

function summariseBoth(...records: object[]) {
  const request = logsRequest(records);
  const fromProtobuf = summariseLogs(encodeRequest("logs", request), "protobuf", options());
  expect(summariseLogs(asJson(request), "json", options())).toEqual(fromProtobuf);
  return fromProtobuf;
}

describe("log records become window deltas and errors", () => {
  it("counts records, warnings and errors by severity", () => {
    const batch = summariseBoth(...[0, 9, 12, 13, 16, 17, 21, 24].map((severityNumber) => log({ severityNumber })));
    expect(batch.windows[0]?.stats).toMatchObject({ logCount: 8, warnLogCount: 2, errorLogCount: 3, requestCount: 0 });
    expect(batch.errors.map(({ severityNumber }) => severityNumber)).toEqual([17, 21, 24]);
  });

  it.each([
    ["an exception.type attribute", { attributes: [text("exception.type", "E")] }],
    ["an exception.message attribute", { attributes: [text("x", "y"), text("exception.message", "E")] }],
    ["the event name exception", { eventName: "exception" }],
    ["an event name ending in .exception", { eventName: "app.checkout.exception" }],
  ])("takes a record with %s as an error, whatever its severity", (_what, changes) => {
    const batch = summariseBoth(log(changes), log({ eventName: "exceptional" }));
    expect(batch.windows[0]?.stats).toMatchObject({ logCount: 2, errorLogCount: 1 });
    expect(batch.errors).toHaveLength(1);
  });

  it("keeps the whole record of an error", () => {
    const batch = summariseBoth(
      log({
        severityNumber: 17,
        severityText: "ERROR",
        traceId: "5b8efff798038103d269b633813fc60c",
        spanId: "eee19b7ec3c1b174",
        body: { stringValue: "payment failed" },
        attributes: [
          text("exception.type", "PaymentError"),
          text("exception.message", "card refused"),
          text("exception.stacktrace", "PaymentError: card refused\n  at pay"),
          text("error.type", "PaymentError"),
          text("customer.email", "user@example.com"),
        ],
      }),
    );
    expect(batch.errors).toEqual([
      {
        service: { namespace: "", name: "checkout", environment: "" },
        timeMs: NOW_MS,
        source: "log",
        traceId: "5b8efff798038103d269b633813fc60c",
        spanId: "eee19b7ec3c1b174",
        exceptionType: "PaymentError",
        exceptionMessage: "card refused",
        stacktrace: "PaymentError: card refused\n  at pay",
        body: "payment failed",
        severityNumber: 17,
        severityText: "ERROR",
        attributes: { "error.type": "PaymentError" },
      },
    ]);
  });

  it.each([
    ["a map", { kvlistValue: { values: [text("a", "b"), text("__proto__", "c")] } }, '{"a":"b","__proto__":"c"}'],
    [
      "a list",
      { arrayValue: { values: [{ intValue: "9007199254740993" }, { boolValue: true }, {}] } },
      '["9007199254740993",true,null]',
    ],
    ["a number", { doubleValue: 1.5 }, "1.5"],
    ["bytes", { bytesValue: "aGVsbG8=" }, "aGVsbG8="],
  ])("gives a body that is %s as text", (_what, body, expected) => {
    expect(summariseBoth(log({ severityNumber: 17, body })).errors[0]?.body).toBe(expected);
  });

  it("has no body where the AnyValue is empty or absent", () => {
    const batch = summariseBoth(log({ severityNumber: 17, body: {} }), log({ severityNumber: 17, body: undefined }));
    for (const error of batch.errors) expect(error).not.toHaveProperty("body");
  });

  it("takes the observed time when there is no time, and the arrival when there is neither", () => {
    const batch = summariseBoth(
      log({ timeUnixNano: "0", observedTimeUnixNano: nanos(NOW_MS - 60_000) }),
      log({ timeUnixNano: undefined }),
    );
    expect(batch.windows.map(({ startMs }) => startMs)).toEqual([NOW_MS - 60_000, NOW_MS]);
  });
});
