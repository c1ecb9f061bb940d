/** No input costs more than its bytes: sixteen times the bytes take about sixteen times as long. A reader that goes over something again
 *  for each of something else takes 256 times as long; the bound lies between, four times from either. What is measured is the
 *  processor's time, because others may want the processor too, and it is a ratio within one process, not a duration. */
import { describe, expect, it } from "vitest";
import { TelemetryDecodeError } from "../../models/telemetry/decode-error.ts";
import type { Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../models/telemetry/summarise.ts";
import {
  asJson,
  type KeyValue,
  logsRequest,
  metricsRequest,
  nanos,
  resource,
  text,
  tracesRequest,
} from "../helpers/otlp-payloads.ts";
import { encodeRequest } from "../helpers/otlp-proto.ts";
import { NOW_MS, options } from "../helpers/summarise-options.ts";
import { isLongRun } from "./plan.ts";

const STEP = 16;
const MAX_RATIO = 64;
/** below this a measurement is noise */
const ENOUGH_MS = isLongRun ? 4 : 1;
const MAX_BYTES = (isLongRun ? 6 : 1.5) * 1024 * 1024;

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const keys = (count: number, prefix = "k"): KeyValue[] => many(count, (index) => text(`${prefix}${index}`, "v"));
const webWith = (attributes: KeyValue[]) => ({ attributes: [text("service.name", "web"), ...attributes] });
const endTimeUnixNano = nanos(NOW_MS);
const exception = (index: number) => ({ name: "exception", attributes: [text("exception.message", `m${index}`)] });
const gauge = (name: string, more: KeyValue[] = []) => ({
  name,
  gauge: { dataPoints: [{ timeUnixNano: endTimeUnixNano, asInt: "5", attributes: more }] },
});

/** Requests of adversaries, as large as `n` says. */
const REQUESTS: [what: string, signal: Signal, make: (n: number) => object][] = [
  ["spans", "traces", (n) => tracesRequest(many(n, () => ({ kind: 2, endTimeUnixNano })))],
  ["services", "traces", (n) => ({ resourceSpans: many(n, (i) => group(resource(`s${i}`), [{ endTimeUnixNano }])) })],
  ["resources without spans", "traces", (n) => ({ resourceSpans: many(n, (i) => group(resource(`s${i}`), [])) })],
  ["empty scopes", "traces", (n) => ({ resourceSpans: [{ scopeSpans: many(n, () => ({})) }] })],
  ["windows", "traces", (n) => tracesRequest(many(n, (i) => ({ endTimeUnixNano: nanos(NOW_MS - (i >> 3) * 60_000) })))],
  ["attributes of a served span", "traces", (n) => tracesRequest([{ kind: 2, endTimeUnixNano, attributes: keys(n) }])],
  [
    "peers of one call",
    "traces",
    (n) => tracesRequest([{ kind: 3, endTimeUnixNano, attributes: many(n, () => text("peer.service", "")) }]),
  ],
  [
    "callees",
    "traces",
    (n) => tracesRequest(many(n, (i) => ({ kind: 3, endTimeUnixNano, attributes: [text("peer.service", `p${i}`)] }))),
  ],
  ["exceptions of one span", "traces", (n) => tracesRequest([{ endTimeUnixNano, events: many(n, exception) }])],
  [
    "exceptions of one span with as many attributes",
    "traces",
    (n) => tracesRequest([{ endTimeUnixNano, attributes: keys(n, "error.k"), events: many(n, exception) }]),
  ],
  [
    "failed spans of a resource with as many attributes",
    "traces",
    (n) =>
      tracesRequest(
        many(n, () => ({ endTimeUnixNano, status: { code: 2 } })),
        webWith(keys(n, "k8s.k")),
      ),
  ],
  [
    "failed logs of a resource with as many attributes",
    "logs",
    (n) =>
      logsRequest(
        many(n, () => ({ severityNumber: 17 })),
        webWith(keys(n)),
      ),
  ],
  [
    "points of a resource with as many attributes",
    "metrics",
    (n) =>
      metricsRequest(
        many(n, () => gauge("a.utilization")),
        webWith(keys(n)),
      ),
  ],
  ["exception attributes of one log", "logs", (n) => logsRequest([{ attributes: keys(n, "exception.k") }])],
  [
    "a list in a body",
    "logs",
    (n) => logsRequest([{ severityNumber: 17, body: { arrayValue: { values: many(n, () => ({ intValue: "1" })) } } }]),
  ],
  ["lists in a body", "logs", (n) => logsRequest([{ severityNumber: 17, body: { kvlistValue: { values: keys(n) } } }])],
  ["long text", "logs", (n) => logsRequest([{ severityNumber: 17, body: { stringValue: "é\u0000".repeat(n) } }])],
  ["a long key", "logs", (n) => logsRequest([{ attributes: [text("exception.".repeat(n), "v")] }])],
  ["bytes", "logs", (n) => logsRequest([{ severityNumber: 17, body: { bytesValue: "AAAA".repeat(n) } }])],
  ["gauges", "metrics", (n) => metricsRequest(many(n, (i) => gauge(`g${i}.utilization`)))],
  [
    "usages of different pools",
    "metrics",
    (n) => metricsRequest(many(n, (i) => gauge("a.usage", [text("pool", `p${i}`)]))),
  ],
  ["attributes of one pool", "metrics", (n) => metricsRequest([gauge("a.usage", keys(n))])],
  ...[".queue", ".usage.", "._used", "waiting_", ".limit.max", ".max"].map((part): (typeof REQUESTS)[number] => [
    `a metric's name of ${part}`,
    "metrics",
    (n) => metricsRequest([gauge(part.repeat(n)), gauge(`${part.repeat(n)}!`)]),
  ]),
  ["points without a kind", "metrics", (n) => metricsRequest(many(n, () => ({ name: "a" })))],
];

/** What only JSON can say: valid or not, each must be answered in time that grows with its bytes. */
const TEXTS: [what: string, signal: Signal, make: (n: number) => string][] = [
  ["padding in the middle of base64", "logs", (n) => logWith(`{"bytesValue":"${"=".repeat(n)}A"}`)],
  ["dashes in base64", "logs", (n) => logWith(`{"bytesValue":"${"-_".repeat(n)}"}`)],
  ["digits of a double", "logs", (n) => logWith(`{"doubleValue":"${"1".repeat(n)}x"}`)],
  ["digits of a number", "logs", (n) => logWith(`{"doubleValue":${"1".repeat(n)}}`)],
  [
    "digits of a time",
    "logs",
    (n) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"${"0".repeat(n)}"}]}]}]}`,
  ],
  [
    "digits of an id",
    "traces",
    (n) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${"0".repeat(n)}"}]}]}]}`,
  ],
  ["white space", "logs", (n) => `{${" \n".repeat(n)}}`],
  ["escapes", "logs", (n) => logWith(`{"stringValue":"${"\\u0000\\\\\\ud800".repeat(n)}"}`)],
  ["backslashes", "logs", (n) => `{"a":"${"\\\\".repeat(n)}`],
  ["the same key", "logs", (n) => `{${'"resourceLogs":[],'.repeat(n)}"a":1}`],
  ["unknown keys", "logs", (n) => `{${many(n, (i) => `"k${i}":0,`).join("")}"a":1}`],
  ["empty lists", "logs", (n) => `{"a":[${"[],".repeat(n)}0]}`],
  ["brackets that never close", "logs", (n) => "[".repeat(n)],
  ["quotes", "logs", (n) => '"'.repeat(n)],
  [
    "events that are none",
    "traces",
    (n) => `{"resourceSpans":[{"scopeSpans":[{"spans":[{"events":[${"{},".repeat(n)}{}]}]}]}]}`,
  ],
];

const logWith = (body: string) =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":17,"body":${body}}]}]}]}`;

/** What only protobuf can say. */
const WIRES: [what: string, signal: Signal, make: (n: number) => Uint8Array][] = [
  ["groups in a row", "traces", (n) => Buffer.alloc(2 * n, Uint8Array.of(0x0b, 0x0c))],
  ["groups that never close", "traces", (n) => Buffer.alloc(n, 0x0b)],
  ["unknown fields", "traces", (n) => Buffer.alloc(2 * n, Uint8Array.of(0x78, 0x01))],
  ["empty resources", "traces", (n) => Buffer.alloc(2 * n, Uint8Array.of(0x0a, 0x00))],
  ["overlong varints", "metrics", (n) => Buffer.alloc(3 * n, Uint8Array.of(0x78, 0x80, 0x00))],
  // one ResourceMetrics, one ScopeMetrics, one Metric, and its gauge again and again: the last one counts
  [
    "one metric's gauge given again and again",
    "metrics",
    (n) => nested(Buffer.alloc(2 * n, Uint8Array.of(0x2a, 0x00)), 0x12, 0x12, 0x0a),
  ],
  // one ResourceSpans with its resource in many pieces, and a span
  [
    "a resource in pieces",
    "traces",
    (n) =>
      nested(Buffer.concat([Buffer.alloc(2 * n, Uint8Array.of(0x0a, 0x00)), Uint8Array.of(0x12, 2, 0x12, 0)]), 0x0a),
  ],
];

type Case = [what: string, signal: Signal, encoding: Encoding, make: (n: number) => Uint8Array];

describe("time grows with the bytes", () => {
  const cases: Case[] = [
    ...REQUESTS.flatMap(([what, signal, make]): Case[] => [
      [what, signal, "json", (n) => asJson(make(n))],
      // encoding it takes far longer than reading it
      ...(isLongRun || /as many/.test(what)
        ? [[what, signal, "protobuf", (n: number) => encodeRequest(signal, make(n))] as Case]
        : []),
    ]),
    ...TEXTS.map(([what, signal, make]): Case => [what, signal, "json", (n) => Buffer.from(make(n))]),
    ...WIRES.map(([what, signal, make]): Case => [what, signal, "protobuf", make]),
  ];

  it.each(cases)("of many: %s (%s, %s)", (_what, signal, encoding, make) => {
    const read = (body: Uint8Array) => readAny(signal, body, encoding);
    let n = 64;
    while (make(n * 4 * STEP).length < MAX_BYTES && leastMs(read, make(n), 2) < ENOUGH_MS) n *= 4;
    const [small, large] = [make(n), make(n * STEP)];
    // what is slow once is measured again: the collector may have run
    const ratios: number[] = [];
    do ratios.push(leastMs(read, large, 3) / Math.max(ENOUGH_MS / 4, leastMs(read, small, 6)));
    while (Math.min(...ratios) > MAX_RATIO && ratios.length < 3);
    expect(Math.min(...ratios)).toBeLessThan(MAX_RATIO);
  });
});

function readAny(signal: Signal, body: Uint8Array, encoding: Encoding): TelemetryBatch | null {
  try {
    return summarise(signal, body, encoding, options());
  } catch (error) {
    if (error instanceof TelemetryDecodeError) return null;
    throw error;
  }
}

/** @returns of the processor, the least of several times */
function leastMs(read: (body: Uint8Array) => unknown, body: Uint8Array, times: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < times; round += 1) {
    const start = process.cpuUsage();
    read(body);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

function group(from: object, spans: object[]): object {
  return { resource: from, scopeSpans: [{ spans }] };
}

/** @param tags innermost first */
function nested(content: Uint8Array, ...tags: number[]): Uint8Array {
  let bytes = content;
  for (const tag of tags) {
    const length: number[] = [];
    let rest = bytes.length;
    for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
    bytes = Buffer.concat([Uint8Array.of(tag, ...length, rest), bytes]);
  }
  return bytes;
}
