/** Decode and summarise against a full protobufjs decode of the same bytes, and against `JSON.parse` and a walk. Both sides of a pair
 *  take short turns, and a core's speed is counted by CPU time, so that other programs on the machine disturb little. */
import { gunzipSync, gzipSync } from "node:zlib";
import { createDecodeCache } from "../../models/telemetry/decode-cache.ts";
import type { Signal } from "../../models/telemetry/records.ts";
import { type Encoding, type SummariseOptions, summarise } from "../../models/telemetry/summarise.ts";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import { decodeFully } from "../helpers/otlp-proto.ts";
import { referenceLogs, referenceMetrics, type SignalPayload } from "../helpers/reference-signals.ts";
import { median, type Suite, type SuiteReport } from "./harness.ts";
import { parseAndWalk } from "./parse-and-walk.ts";

const ROUNDS = 15;
const TURN_MS = 150;
const WARM_UP_MS = 400;
const UNTIL_MS = 1_700_000_000_000;

export const decodeSuite: Suite = {
  name: "decode",
  run(report) {
    const { spanCount, ...traces } = referenceTraces({ untilMs: UNTIL_MS });
    const gzipped = gzipSync(traces.protobuf);
    report.figure("spans in the payload", spanCount, "{span}");
    report.figure("protobuf size", traces.protobuf.byteLength, "By");
    report.figure("JSON size", traces.json.byteLength, "By");

    const bench = createBench(report);
    bench.signal("traces", { ...traces, recordCount: spanCount }, "span", () => parseAndWalk(traces.json));
    bench.signal("logs", referenceLogs(UNTIL_MS), "record");
    bench.signal("metrics", referenceMetrics(UNTIL_MS), "point");
    report.figure("gunzip of the protobuf request", median(turns(spanCount, () => gunzipSync(gzipped))), "{span}/s");
    return Promise.resolve();
  },
};

function createBench(report: SuiteReport) {
  // as one thread of the receiver holds it
  const options: SummariseOptions = {
    batchId: "0".repeat(64),
    receivedAtMs: UNTIL_MS,
    windowSizeMs: 60_000,
    maxPastMs: 86_400_000,
    maxFutureMs: 600_000,
    cache: createDecodeCache(),
  };
  return {
    signal: (signal: Signal, payload: SignalPayload, unit: string, walk?: () => unknown) => {
      const { recordCount } = payload;
      const ours = (encoding: Encoding) => () => summarise(signal, payload[encoding], encoding, options);
      const compare = (encoding: Encoding, peer: string, call: () => unknown) => {
        const pairs = pairsOf(recordCount, ours(encoding), call);
        report.ratio(`${signal}, ${encoding}`, "decode and summarise", peer, pairs);
        const ratios = pairs.map(([a, b]) => a / b);
        report.figure(`${signal}, ${encoding}: lowest of the pairs`, Math.min(...ratios), "×");
        report.figure(`${signal}, ${encoding}: highest of the pairs`, Math.max(...ratios), "×");
        report.figure(`${signal}, ${encoding}, per core`, median(pairs.map(([a]) => a)), `{${unit}}/s`);
        report.figure(`${peer}, per core`, median(pairs.map(([, b]) => b)), `{${unit}}/s`);
      };
      compare("protobuf", "a full protobufjs decode", () => decodeFully(signal, payload.protobuf));
      const parse = () => JSON.parse(new TextDecoder().decode(payload.json));
      if (walk !== undefined) compare("json", "JSON.parse and a walk", walk);
      compare("json", "JSON.parse alone", parse);
    },
  };
}

/** Records per second of CPU time, turn by turn. */
function pairsOf(recordCount: number, a: () => unknown, b: () => unknown): [number, number][] {
  for (const call of [a, b]) turn(recordCount, WARM_UP_MS, call);
  return Array.from({ length: ROUNDS }, () => [turn(recordCount, TURN_MS, a), turn(recordCount, TURN_MS, b)]);
}

function turns(recordCount: number, call: () => unknown): number[] {
  return Array.from({ length: ROUNDS }, () => turn(recordCount, TURN_MS, call));
}

function turn(recordCount: number, minMs: number, call: () => unknown): number {
  const start = cpuMs();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < minMs) {
    for (let repeat = 0; repeat < 5; repeat += 1) call();
    calls += 5;
    elapsed = cpuMs() - start;
  }
  return (calls * recordCount * 1000) / elapsed;
}

/** of all threads of the process, the garbage collector's too */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
