/** What mutations start from: recorded exports, small made-up requests, and the public payloads where they are. */
import fc from "fast-check";
import type { Signal } from "../../models/telemetry/records.ts";
import type { Encoding } from "../../models/telemetry/summarise.ts";
import { requests } from "../helpers/otlp-arbitraries.ts";
import {
  asJson,
  logsRequest,
  metricsRequest,
  nanos,
  referenceTraces,
  resource,
  text,
} from "../helpers/otlp-payloads.ts";
import { encodeRequest } from "../helpers/otlp-proto.ts";
import { reencodeAsProtobuf } from "../helpers/otlp-reencode.ts";
import { requestsOf, validFiles } from "../helpers/public-payloads.ts";
import { bodyOf, encodingOf, recordedBytes, SIGNALS } from "../helpers/recorded-exports.ts";
import { NOW_MS } from "../helpers/summarise-options.ts";

export interface Sample {
  name: string;
  signal: Signal;
  encoding: Encoding;
  body: Uint8Array;
}

/** Larger ones only make a run slower. */
const MAX_SAMPLE_BYTES = 12 * 1024;
const MAX_REQUESTS_PER_FILE = 4;
const MADE_UP_PER_SIGNAL = 8;

export function createCorpus(): Sample[] {
  return [...recorded(), ...madeUp(), ...published()].filter(({ body }) => body.length <= MAX_SAMPLE_BYTES);
}

function recorded(): Sample[] {
  return SIGNALS.flatMap((signal) =>
    (["protobuf", "json", "grpc"] as const).map((way) => ({
      name: `recorded ${signal} ${way}`,
      signal,
      encoding: encodingOf(way),
      body: bodyOf(way, recordedBytes(signal, way)),
    })),
  );
}

function madeUp(): Sample[] {
  const reference = referenceTraces({ spanCount: 6, errorRatio: 0.5 });
  const traces: Sample[] = (["protobuf", "json"] as const).map((encoding) => ({
    name: `reference ${encoding}`,
    signal: "traces",
    encoding,
    body: reference[encoding],
  }));
  const arbitrary = SIGNALS.flatMap((signal) =>
    fc.sample(requests[signal], { numRuns: MADE_UP_PER_SIGNAL, seed: 1 }).flatMap((request): Sample[] => [
      { name: `made-up ${signal} protobuf`, signal, encoding: "protobuf", body: encodeRequest(signal, request) },
      { name: `made-up ${signal} json`, signal, encoding: "json", body: asJson(request) },
    ]),
  );
  const telling = Object.entries(TELLING).flatMap(([signal, request]): Sample[] => [
    // the keys of TELLING are signals
    {
      name: `telling ${signal} protobuf`,
      signal: signal as Signal,
      encoding: "protobuf",
      body: encodeRequest(signal as Signal, request),
    },
    { name: `telling ${signal} json`, signal: signal as Signal, encoding: "json", body: asJson(request) },
  ]);
  return [...traces, ...arbitrary, ...telling];
}

const now = { timeUnixNano: nanos(NOW_MS) };
const pool = { ...now, attributes: [text("pool", "main"), text("state", "used")] };
const wait = { ...now, count: "4", sum: 2 };

/** Requests in which every field leads somewhere: each metric gives a gauge, and each log an error. */
const TELLING = {
  metrics: metricsRequest(
    [
      { name: "db.client.connection.wait_time", histogram: { aggregationTemporality: 1, dataPoints: [wait] } },
      { name: "jvm.gc.duration", exponentialHistogram: { aggregationTemporality: 1, dataPoints: [wait] } },
      { name: "jvm.memory.used", gauge: { dataPoints: [{ ...pool, asInt: "5" }] } },
      { name: "jvm.memory.limit", sum: { dataPoints: [{ ...pool, asDouble: 8 }] } },
      { name: "disk.usage", gauge: { dataPoints: [{ ...now, asInt: "5" }] } },
      { name: "disk.limit", gauge: { dataPoints: [{ ...now, asInt: "8" }] } },
      { name: "jobs.queue.length", gauge: { dataPoints: [{ ...pool, asDouble: 3 }] } },
      { name: "system.cpu.utilization", gauge: { dataPoints: [{ ...now, asDouble: 0.5 }] } },
      { name: "k8s.container.restarts", sum: { isMonotonic: true, dataPoints: [{ ...now, asInt: "2" }] } },
    ],
    resource("web", text("service.version", "1"), text("service.instance.id", "a"), text("k8s.pod.name", "web-1")),
  ),
  logs: logsRequest(
    ["exception", "checkout.exception", ""].map((eventName) => ({
      ...now,
      eventName,
      severityNumber: 17,
      severityText: "ERROR",
      body: { kvlistValue: { values: [text("message", "no disk"), text("stack", "at x")] } },
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId: "eee19b7ec3c1b174",
      attributes: [
        text("exception.type", "Error"),
        text("error.code", "ENOSPC"),
        text("error.\u0000", "its name cannot be stored"),
        text("exception.stacktrace", "at x\n".repeat(9)),
      ],
    })),
    resource("web", text("k8s.pod.name", "web-1"), text("k8s.\ud800", "1"), text("telemetry.sdk.language", "go")),
  ),
};

function published(): Sample[] {
  return validFiles.flatMap((file) =>
    requestsOf(file)
      .slice(0, MAX_REQUESTS_PER_FILE)
      .flatMap(({ signal, encoding, body }): Sample[] => {
        const sample = { name: file, signal, encoding, body };
        if (encoding === "protobuf") return [sample];
        const request = JSON.parse(body.toString());
        // without the publisher's indentation, most of which is whitespace
        const compact = { ...sample, body: Buffer.from(JSON.stringify(request)) };
        return [compact, { name: file, signal, encoding: "protobuf", body: reencodeAsProtobuf(signal, request) }];
      }),
  );
}
