import { describe, expect, it } from "vitest";
import { summariseTraces } from "../../../models/telemetry/summarise.ts";
import { asJson, int, type KeyValue, nanos, resource, text, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { NOW_MS, options } from "../../helpers/summarise-options.ts";

const TRACE_ID = "5b8efff798038103d269b633813fc60c";
const SPAN_ID = "eee19b7ec3c1b174";

function span(changes: object = {}): object {
  return {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: "GET /cart",
    kind: 2,
    startTimeUnixNano: nanos(NOW_MS - 250, 500_000),
    endTimeUnixNano: nanos(NOW_MS),
    ...changes,
  };
}

const exception = (type: string, message: string, ...more: KeyValue[]) => ({
  timeUnixNano: nanos(NOW_MS - 10),
  name: "exception",
  attributes: [text("exception.type", type), text("exception.message", message), ...more],
});

/** Both encodings, which must agree. */
function summariseBoth(request: object, changes: Parameters<typeof options>[0] = {}) {
  const fromProtobuf = summariseTraces(encodeRequest("traces", request), "protobuf", options(changes));
  const fromJson = summariseTraces(asJson(request), "json", options(changes));
  expect(fromJson).toEqual(fromProtobuf);
  return fromProtobuf;
}

const errorsOf = (...spans: object[]) => summariseBoth(tracesRequest(spans)).errors;
const statsOf = (...spans: object[]) => summariseBoth(tracesRequest(spans)).windows[0]?.stats;

describe("spans become window deltas", () => {
  it("counts SERVER and CONSUMER spans as requests, CLIENT and PRODUCER spans as calls, INTERNAL spans as neither", () => {
    const stats = statsOf(...[0, 1, 2, 3, 4, 5].map((kind) => span({ kind })));
    expect(stats).toMatchObject({
      spanCount: 6,
      requestCount: 2,
      callCount: 2,
      requestErrorCount: 0,
      callErrorCount: 0,
    });
    expect(stats?.durationSumMs).toBe(2 * 249.5);
    expect(stats?.latencySketch).not.toBeNull();
  });

  it("puts a span into the window of its end", () => {
    const batch = summariseBoth(
      tracesRequest([
        span({ startTimeUnixNano: nanos(NOW_MS - 1), endTimeUnixNano: nanos(NOW_MS - 1, 999_999) }),
        span({ startTimeUnixNano: nanos(NOW_MS - 1), endTimeUnixNano: nanos(NOW_MS) }),
      ]),
    );
    expect(batch.windows.map(({ startMs }) => startMs)).toEqual([NOW_MS - 60_000, NOW_MS]);
    expect(batch.maxEventTimeMs).toBe(NOW_MS);
  });

  it("counts a status of ERROR, and a server's 5xx whose status was left unset", () => {
    const stats = statsOf(
      span({ status: { code: 2 } }),
      span({ attributes: [int("http.response.status_code", 503)] }),
      span({ attributes: [int("http.status_code", 500)] }),
      span({ attributes: [int("http.response.status_code", 503)], status: { code: 1 } }),
      span({ attributes: [int("http.response.status_code", 404)] }),
      span({ kind: 3, attributes: [int("http.response.status_code", 503)] }),
      span({ kind: 3, status: { code: 2 } }),
    );
    expect(stats).toMatchObject({ requestCount: 5, requestErrorCount: 3, callCount: 2, callErrorCount: 1 });
  });

  it("names the callee by peer.service, else server.address, else older names, else the database's system", () => {
    const call = (...attributes: KeyValue[]) => span({ kind: 3, attributes });
    const stats = statsOf(
      call(text("server.address", "10.0.0.1"), text("peer.service", "payment")),
      call(text("server.address", "db.internal"), text("db.system", "postgresql")),
      call(text("net.peer.name", "old.internal")),
      call(text("db.system.name", "redis")),
      call(),
    );
    expect(Object.keys(stats?.callees ?? {}).sort()).toEqual(["db.internal", "old.internal", "payment", "redis"]);
    expect(stats?.callCount).toBe(5);
  });

  it("keeps callees whose names mean something to JavaScript", () => {
    const names = ["constructor", "toString", "__proto__", "hasOwnProperty"];
    const stats = statsOf(...names.map((name) => span({ kind: 3, attributes: [text("peer.service", name)] })));
    expect(Object.values(stats?.callees ?? {}).map(({ callCount }) => callCount)).toEqual([1, 1, 1, 1]);
    expect(Object.keys(stats?.callees ?? {})).toContain("_proto_");
  });

  it("tells services apart by namespace, name and environment, under old and new names", () => {
    const group = (...attributes: KeyValue[]) => ({ resource: { attributes }, scopeSpans: [{ spans: [span()] }] });
    const batch = summariseBoth({
      resourceSpans: [
        group(text("service.name", "web")),
        group(text("service.name", "web"), text("service.namespace", "shop")),
        group(text("service.name", "web"), text("deployment.environment", "staging")),
        group(
          text("service.name", "web"),
          text("deployment.environment.name", "staging"),
          text("service.version", "2"),
        ),
        group(),
      ],
    });
    expect(batch.windows.map(({ service }) => service)).toEqual([
      { namespace: "", name: "web", environment: "" },
      { namespace: "shop", name: "web", environment: "" },
      { namespace: "", name: "web", environment: "staging" },
      { namespace: "", name: "unknown_service", environment: "" },
    ]);
    expect(batch.windows[2]?.stats.versions).toEqual({ 2: 1 });
  });
});

describe("times", () => {
  const at = (ms: number) => span({ startTimeUnixNano: nanos(ms), endTimeUnixNano: nanos(ms) });

  it("refuses spans before and after what is accepted, with a count per reason", () => {
    const batch = summariseBoth(
      tracesRequest([
        at(Date.UTC(1970, 0, 2)),
        at(Date.UTC(2100, 0, 1)),
        at(NOW_MS),
        at(NOW_MS + 600_000),
        at(NOW_MS + 600_001),
      ]),
    );
    expect(batch.recordCount).toBe(5);
    expect(batch.rejected).toEqual({ too_old: 1, too_far_in_future: 2 });
    expect(batch.maxEventTimeMs).toBe(NOW_MS + 600_000);
  });

  it("takes the start when there is no end, and the arrival when there is neither", () => {
    const batch = summariseBoth(
      tracesRequest([
        span({ startTimeUnixNano: nanos(NOW_MS - 120_000), endTimeUnixNano: "0" }),
        span({ startTimeUnixNano: "0", endTimeUnixNano: "0" }),
      ]),
      { receivedAtMs: NOW_MS + 1 },
    );
    expect(batch.windows.map(({ startMs }) => startMs)).toEqual([NOW_MS - 120_000, NOW_MS]);
    expect(batch.rejected).toEqual({});
  });

  it("has no latest event time when everything was refused", () => {
    const batch = summariseBoth(tracesRequest([at(1)]));
    expect(batch).toMatchObject({ maxEventTimeMs: null, windows: [], errors: [], rejected: { too_old: 1 } });
  });
});

describe("errors are kept whole", () => {
  it("makes one record of an error span and its exception event", () => {
    const errors = errorsOf(
      span({
        kind: 3,
        status: { code: 2, message: "upstream timed out" },
        attributes: [
          int("http.status_code", 504),
          text("error.type", "504"),
          text("peer.service", "payment"),
          text("url.full", "https://example.com/?secret=1"),
          int("rpc.grpc.status_code", 4),
        ],
        events: [
          { name: "retry", attributes: [] },
          exception(
            "TimeoutError",
            "took too long",
            text("exception.stacktrace", "TimeoutError: took too long\n  at pay"),
          ),
        ],
      }),
    );
    expect(errors).toEqual([
      {
        service: { namespace: "", name: "checkout", environment: "" },
        timeMs: NOW_MS,
        source: "span_event",
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        exceptionType: "TimeoutError",
        exceptionMessage: "took too long",
        stacktrace: "TimeoutError: took too long\n  at pay",
        body: "upstream timed out",
        spanName: "GET /cart",
        spanKind: "client",
        attributes: {
          "http.response.status_code": 504,
          "error.type": "504",
          "peer.service": "payment",
          "rpc.response.status_code": "DEADLINE_EXCEEDED",
        },
      },
    ]);
  });

  it("makes one record of each of several exception events", () => {
    const errors = errorsOf(span({ status: { code: 2 }, events: [exception("A", "first"), exception("B", "second")] }));
    expect(errors.map(({ exceptionType }) => exceptionType)).toEqual(["A", "B"]);
  });

  it("makes one record of an error span without an exception", () => {
    expect(errorsOf(span({ status: { code: 2, message: "refused" } }))).toMatchObject([
      { source: "span", body: "refused" },
    ]);
  });

  it("keeps a handled exception of a healthy span, which does not make the request fail", () => {
    const batch = summariseBoth(tracesRequest([span({ events: [exception("Handled", "it is fine")] })]));
    expect(batch.errors).toMatchObject([{ source: "span_event", exceptionType: "Handled" }]);
    expect(batch.windows[0]?.stats.requestErrorCount).toBe(0);
  });

  it("prefers an attribute's present-day name over its older one, in any order", () => {
    const codes = [text("http.status_code", "1"), text("http.response.status_code", "2")];
    for (const attributes of [codes, codes.toReversed()]) {
      const [error] = errorsOf(span({ status: { code: 2 }, attributes }));
      expect(error?.attributes).toEqual({ "http.response.status_code": "2" });
    }
  });

  it("takes ids of zero or of a wrong length as not correlated, and hex of any case", () => {
    const failed = (traceId: string, spanId: string) => span({ traceId, spanId, status: { code: 2 } });
    const [zero, short, upper] = errorsOf(
      failed("0".repeat(32), "0".repeat(16)),
      failed("abcd", "ab"),
      failed(TRACE_ID.toUpperCase(), SPAN_ID.toUpperCase()),
    );
    expect(zero).not.toHaveProperty("traceId");
    expect(short).not.toHaveProperty("spanId");
    expect(upper).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID });
  });

  it("carries who sent it", () => {
    const from = resource(
      "checkout",
      text("telemetry.sdk.language", "nodejs"),
      text("service.version", "1.2"),
      text("service.instance.id", "a1"),
      text("k8s.pod.name", "checkout-7"),
    );
    const { errors } = summariseBoth(tracesRequest([span({ status: { code: 2 } })], from));
    expect(errors[0]).toMatchObject({
      language: "nodejs",
      serviceVersion: "1.2",
      instanceId: "a1",
      attributes: { "k8s.pod.name": "checkout-7" },
    });
  });

  it("bounds every text and the number of attributes", () => {
    const attributes = Array.from({ length: 100 }, (_, index) => text(`app${index}.error_code`, "😀".repeat(1_000)));
    const [error] = errorsOf(
      span({
        name: "n".repeat(10_000),
        status: { code: 2, message: "m".repeat(100_000) },
        attributes,
        events: [exception("T".repeat(9_999), "é".repeat(99_999), text("exception.stacktrace", "s".repeat(999_999)))],
      }),
    );
    expect(error?.stacktrace?.length).toBeLessThanOrEqual(16 * 1024);
    expect(error?.exceptionMessage?.length).toBeLessThanOrEqual(4 * 1024);
    expect(error?.body?.length).toBeLessThanOrEqual(4 * 1024);
    expect(Object.keys(error?.attributes ?? {})).toHaveLength(32);
    expect(JSON.stringify(error).length).toBeLessThan(64 * 1024);
  });

  it("survives attribute keys that mean something to JavaScript", () => {
    const attributes = [
      text("__proto__", "x"),
      text("__proto__.code", "y"),
      text("constructor", "z"),
      text("error.__proto__", "w"),
    ];
    const [error] = errorsOf(span({ status: { code: 2 }, attributes }));
    expect(error?.attributes).toEqual({ "__proto__.code": "y", "error.__proto__": "w" });
  });

  it("sends numbers that JSON does not know as text", () => {
    const attributes = [{ key: "error.code", value: { doubleValue: "NaN" } }];
    const fromJson = summariseTraces(
      asJson(tracesRequest([span({ status: { code: 2 }, attributes })])),
      "json",
      options(),
    );
    expect(fromJson.errors[0]?.attributes).toEqual({ "error.code": "NaN" });
    expect(JSON.parse(JSON.stringify(fromJson))).toEqual(fromJson);
  });
});

describe("bounds on one batch", () => {
  it("counts services over the bound under _OTHER and says so", () => {
    const resourceSpans = Array.from({ length: 20 }, (_, index) => ({
      resource: resource(`service-${index}`),
      scopeSpans: [{ spans: [span(), span({ status: { code: 2 } })] }],
    }));
    const batch = summariseBoth({ resourceSpans }, { limits: { maxServices: 3 } });
    expect(batch.windows.map(({ service }) => service.name)).toEqual(["service-0", "service-1", "service-2", "_OTHER"]);
    expect(batch.windows[3]?.stats.spanCount).toBe(34);
    expect(batch.losses).toEqual({ foldedRecords: 34 });
    expect(batch.errors.at(-1)?.service.name).toBe("_OTHER");
  });

  it("refuses records of windows over the bound", () => {
    const spans = Array.from({ length: 10 }, (_, index) =>
      span({ startTimeUnixNano: nanos(NOW_MS - index * 60_000), endTimeUnixNano: nanos(NOW_MS - index * 60_000) }),
    );
    const batch = summariseBoth(tracesRequest(spans), { limits: { maxWindows: 4 } });
    expect(batch.windows).toHaveLength(4);
    expect(batch.rejected).toEqual({ over_limit: 6 });
  });

  it("counts errors over the bound without their record", () => {
    const spans = Array.from({ length: 10 }, () => span({ status: { code: 2 } }));
    const batch = summariseBoth(tracesRequest(spans), { limits: { maxErrors: 4 } });
    expect(batch.errors).toHaveLength(4);
    expect(batch.losses).toEqual({ errorRecords: 6 });
    expect(batch.windows[0]?.stats.requestErrorCount).toBe(10);
  });

  it("reads of one span no more exceptions than it keeps, and counts the rest", () => {
    const events = Array.from({ length: 10 }, (_, index) => exception("Error", `failure ${index}`));
    const batch = summariseBoth(tracesRequest([span({ events })]), { limits: { maxErrors: 4 } });
    expect(batch.errors.map((error) => error.exceptionMessage)).toEqual(
      [0, 1, 2, 3].map((index) => `failure ${index}`),
    );
    expect(batch.losses).toEqual({ errorRecords: 6 });
  });

  it("keeps no more error records than fit, however small the request that shares their texts", () => {
    const events = Array.from({ length: 100 }, () => exception("Error", "short"));
    const long = span({ events, status: { code: 2, message: "x".repeat(1_000) } });
    const batch = summariseBoth(tracesRequest([long]), { limits: { maxErrorsLength: 10_000 } });
    expect(batch.errors.length).toBeGreaterThan(5);
    expect(batch.errors.length).toBeLessThanOrEqual(10);
    expect(batch.losses).toEqual({ errorRecords: 100 - batch.errors.length });
  });
});
