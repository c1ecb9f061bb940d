/** Decode and summarise the reference trace request against a full protobufjs decode of the same bytes; JSON against `JSON.parse`. */
import { gunzipSync, gzipSync } from "node:zlib";
import { summariseTraces } from "../../models/telemetry/summarise.ts";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import { decodeFully } from "../helpers/otlp-proto.ts";
import type { Suite } from "./harness.ts";
import { median, throughput } from "./harness.ts";

const ROUNDS = 7;
const MS_PER_SIDE = 500;

export const decodeSuite: Suite = {
  name: "decode",
  async run(report) {
    const untilMs = 1_700_000_000_000;
    const { protobuf, json, spanCount } = referenceTraces({ untilMs });
    const gzipped = gzipSync(protobuf);
    const options = {
      batchId: "0".repeat(64),
      receivedAtMs: untilMs,
      windowSizeMs: 60_000,
      maxPastMs: 86_400_000,
      maxFutureMs: 600_000,
    };
    report.figure("spans in the payload", spanCount, "{span}");
    report.figure("protobuf size", protobuf.byteLength, "By");

    const ours = () => summariseTraces(protobuf, "protobuf", options);
    const full = () => decodeFully("traces", protobuf);
    const ourJson = () => summariseTraces(json, "json", options);
    const parse = () => JSON.parse(Buffer.from(json).toString());
    const gunzip = () => gunzipSync(gzipped);
    for (const call of [ours, full, ourJson, parse]) await throughput(spanCount, 300, call);

    const sides: Record<"ours" | "full" | "ourJson" | "parse" | "gunzip", number[]> = {
      ours: [],
      full: [],
      ourJson: [],
      parse: [],
      gunzip: [],
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      sides.ours.push(await throughput(spanCount, MS_PER_SIDE, ours));
      sides.full.push(await throughput(spanCount, MS_PER_SIDE, full));
      sides.ourJson.push(await throughput(spanCount, MS_PER_SIDE, ourJson));
      sides.parse.push(await throughput(spanCount, MS_PER_SIDE, parse));
      sides.gunzip.push(await throughput(spanCount, MS_PER_SIDE, gunzip));
    }
    const pairs = (a: number[], b: number[]) => a.map((value, round) => [value, b[round] ?? Number.NaN] as const);
    report.ratio("protobuf spans/s", "decode and summarise", "full protobufjs decode", pairs(sides.ours, sides.full));
    report.ratio("JSON spans/s", "decode and summarise", "JSON.parse alone", pairs(sides.ourJson, sides.parse));
    report.figure("protobuf, decode and summarise", median(sides.ours), "{span}/s");
    report.figure("protobuf, full protobufjs decode", median(sides.full), "{span}/s");
    report.figure("JSON, decode and summarise", median(sides.ourJson), "{span}/s");
    report.figure("JSON.parse alone", median(sides.parse), "{span}/s");
    report.figure("gunzip of the protobuf request", median(sides.gunzip), "{span}/s");
  },
};
