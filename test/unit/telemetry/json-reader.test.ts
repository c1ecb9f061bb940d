import { describe, expect, it } from "vitest";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import { summarise } from "../../../models/telemetry/summarise.ts";
import { asJson, logsRequest, metricsRequest, nanos, text, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { NOW_MS, options } from "../../helpers/summarise-options.ts";

const bytes = (body: string) => new TextEncoder().encode(body);
const traces = (body: Uint8Array) => summarise("traces", body, "json", options());
const time = { startTimeUnixNano: nanos(NOW_MS), endTimeUnixNano: nanos(NOW_MS) };

function failureOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof TelemetryDecodeError) return error.failure;
    throw error;
  }
  return "none";
}

describe("the JSON reader refuses", () => {
  it.each([
    ["an empty body", ""],
    ["half a body", '{"resourceSpans":['],
    ["a list", "[]"],
    ["null", "null"],
    ["a number", "42"],
    ["resourceSpans that is not a list", '{"resourceSpans":{}}'],
    ["a list of something else", '{"resourceSpans":[1]}'],
    ["a resource that is text", '{"resourceSpans":[{"resource":"x"}]}'],
    ["200 nested lists", `{"x":${"[".repeat(200)}${"]".repeat(200)}}`],
    ["200 nested objects", `${'{"a":'.repeat(200)}1${"}".repeat(200)}`],
  ])("%s", (_what, body) => {
    expect(failureOf(() => traces(bytes(body)))).toBe("undecodable");
  });

  it("a body that is nothing but brackets, before it is parsed", () => {
    expect(failureOf(() => traces(bytes("[".repeat(1_000_000))))).toBe("undecodable");
    expect(failureOf(() => traces(bytes(`{"x":[${"[],".repeat(4_300_000)}[]]}`)))).toBe("too_large");
  });

  it("an attribute value nested too deeply, in the same way as the protobuf reader", () => {
    let value: object = { stringValue: "x" };
    for (let depth = 0; depth < 40; depth += 1) value = { arrayValue: { values: [value] } };
    const request = tracesRequest([{ ...time, status: { code: 2 }, attributes: [{ key: "k", value }] }]);
    expect(failureOf(() => traces(asJson(request)))).toBe("undecodable");
  });

  it.each([
    ["an unknown kind's name", { kind: "SPAN_KIND_INVALID_TYPE" }],
    ["a kind that is a fraction", { kind: 1.5 }],
    ["a status that is text", { status: "ERROR" }],
    ["a trace id that is not hexadecimal", { traceId: "zzz" }],
    ["a trace id that is neither hex nor base64", { traceId: "!!!INVALID_BASE64!!!" }],
    ["a span id that is a number", { spanId: 7 }],
    ["attributes that are an object", { attributes: {} }],
    ["an attribute that is no object, also of a healthy span", { attributes: [7] }],
    ["an attribute's key that is no text, also of a healthy span", { attributes: [{ key: 7, value: {} }] }],
    ["an event that is null", { events: [null] }],
    ["a time with a fraction", { endTimeUnixNano: "1.5" }],
  ])("%s", (_what, changes) => {
    const request = tracesRequest([{ ...time, kind: 2, ...changes }]);
    expect(failureOf(() => traces(asJson(request)))).toBe("undecodable");
  });

  it("an unknown severity or temporality", () => {
    const log = logsRequest([{ severityNumber: "INVALID_SEVERITY_VALUE" }]);
    expect(failureOf(() => summarise("logs", asJson(log), "json", options()))).toBe("undecodable");
    const metric = metricsRequest([{ name: "m", sum: { aggregationTemporality: "INVALID", dataPoints: [] } }]);
    expect(failureOf(() => summarise("metrics", asJson(metric), "json", options()))).toBe("undecodable");
  });
});

describe("the JSON reader accepts", () => {
  it.each([
    ["an empty object", "{}"],
    ["an empty list", '{"resourceSpans":[]}'],
    ["nulls for what is not set", '{"resourceSpans":[{"resource":null,"scopeSpans":null,"schemaUrl":null}]}'],
    ["unknown fields, hostile ones too", '{"__proto__":{"resourceSpans":1},"constructor":[[[]]],"resource_spans":[1]}'],
    ["a byte order mark", "\ufeff{}"],
  ])("%s", (_what, body) => {
    expect(traces(bytes(body))).toMatchObject({ recordCount: 0, windows: [], errors: [] });
  });

  it("brackets and escaped quotes within text", () => {
    const request = tracesRequest([{ ...time, kind: 2, name: `"${"[{".repeat(300)}\\"` }]);
    expect(traces(asJson(request)).windows[0]?.stats.requestCount).toBe(1);
  });

  it("a name that is repeated by its last value, wherever it stands", () => {
    const healthy = JSON.stringify({ ...time, kind: 2 });
    const span = `{"kind":"NOT_A_KIND","kind":2,"endTimeUnixNano":"1","attributes":7,${healthy.slice(1)}`;
    const group = `"scopeSpans":[{"spans":7,"spans":[${span.replace("{", '{"attributes":[],')}]}]`;
    const voided = `"resourceSpans":[{"scopeSpans":[{"spans":[${healthy},${healthy}]}]}]`;
    const before = `"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"first"}}]}`;
    const after = before.replace("first", "last");
    const body = `{${voided},"resourceSpans":[{${before},${group},${after}}]}`;
    // the last of the attributes is the one that is not a list
    expect(failureOf(() => traces(bytes(body)))).toBe("undecodable");
    const batch = traces(bytes(body.replace('"attributes":7,', "")));
    expect(batch).toMatchObject({
      recordCount: 1,
      windows: [{ service: { name: "last" }, stats: { requestCount: 1 } }],
    });
  });

  it("a resource after its records, and a key after its value", () => {
    const span = JSON.stringify({ ...time, kind: 3 }).replace(
      "}",
      ',"attributes":[{"value":{"stringValue":"cart"},"k\\u0065y":"peer.service"}]}',
    );
    const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}],"resource":{"attributes":[{"value":{"stringValue":"web"},"key":"service.name"}]}}]}`;
    expect(traces(bytes(body)).windows[0]).toMatchObject({
      service: { name: "web" },
      stats: { callees: { cart: { callCount: 1 } } },
    });
  });

  it("times, counts and integers as numbers or as text", () => {
    const numeric = { kind: 2, startTimeUnixNano: NOW_MS * 1e6, endTimeUnixNano: NOW_MS * 1e6 };
    const failing = { key: "http.status_code", value: { intValue: 500 } };
    const stats = traces(asJson(tracesRequest([{ ...numeric, attributes: [failing] }]))).windows[0]?.stats;
    expect(stats).toMatchObject({ requestCount: 1, requestErrorCount: 1 });
  });

  it("names of enum values and ids in base64, as plain ProtoJSON encoders write them", () => {
    const request = tracesRequest([
      {
        ...time,
        kind: "SPAN_KIND_CLIENT",
        status: { code: "STATUS_CODE_ERROR" },
        traceId: "nXmxo38xgBzRGmcG+0DWvQ==",
        spanId: "3lYkOenBuCM=",
        attributes: [text("peer.service", "cart")],
      },
    ]);
    const batch = traces(asJson(request));
    expect(batch.windows[0]?.stats).toMatchObject({ callCount: 1, callErrorCount: 1 });
    expect(batch.errors[0]).toMatchObject({ traceId: "9d79b1a37f31801cd11a6706fb40d6bd", spanId: "de562439e9c1b823" });
  });

  it("unknown numbers of enums, which later versions may have", () => {
    const request = tracesRequest([{ ...time, kind: 99, status: { code: 7 } }]);
    expect(traces(asJson(request)).windows[0]?.stats).toMatchObject({ spanCount: 1, requestCount: 0, callCount: 0 });
  });
});
