/** Real payloads from public sources; they stay outside the project, so this is skipped where they are missing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Signal, TelemetryBatch } from "../../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../../models/telemetry/summarise.ts";
import { options } from "../../helpers/summarise-options.ts";

const FOLDER = join(resolve(process.env.HARBINGER_DATA_DIR ?? "../shared/data"), "otlp");
const isMissing = !existsSync(FOLDER);
if (isMissing) console.warn(`skipped: no OTLP payloads in ${FOLDER} (HARBINGER_DATA_DIR)`);

const FAR = 100 * 365 * 24 * 3_600_000;

function filesIn(folder: string): string[] {
  if (isMissing) return [];
  return readdirSync(join(FOLDER, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(json|jsonl|pb|jsonl\.gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1));
}

/** Requests of one file: a line each in jsonl; several pretty-printed ones may stand one after the other in json. */
function requestsOf(file: string): { body: Uint8Array; encoding: Encoding }[] {
  const raw = readFileSync(join(FOLDER, file));
  if (file.endsWith(".pb")) return [{ body: raw, encoding: "protobuf" }];
  const text = (file.endsWith(".gz") ? gunzipSync(raw) : raw).toString();
  const parts = /\.jsonl/.test(file) ? text.split("\n") : text.split(/(?<=^\})\s*(?=^\{)/m);
  return parts.filter((part) => part.trim() !== "").map((part) => ({ body: Buffer.from(part), encoding: "json" }));
}

function signalOf(file: string, body: Uint8Array): Signal {
  // protobuf does not name its signal, and a name of a JSON file may mislead
  const sign = file.endsWith(".pb") ? file : Buffer.from(body.subarray(0, 200)).toString("latin1");
  if (/resourceSpans|trace/.test(sign)) return "traces";
  return /resourceMetrics|metric/.test(sign) ? "metrics" : "logs";
}

const read = (file: string): TelemetryBatch[] =>
  requestsOf(file).map(({ body, encoding }) =>
    summarise(signalOf(file, body), body, encoding, options({ maxPastMs: FAR, maxFutureMs: FAR })),
  );

const sum = (batches: TelemetryBatch[], count: (batch: TelemetryBatch) => number) =>
  batches.reduce((total, batch) => total + count(batch), 0);

describe.skipIf(isMissing)("public payloads", () => {
  const valid = ["proto-examples", "gcp-fixtures", "otlp2parquet", "robot-shop", "nezha"]
    .flatMap(filesIn)
    .filter((file) => !file.includes("invalid"));

  it.each(valid)("%s is read, and nothing of it is refused", (file) => {
    const batches = read(file);
    expect(sum(batches, ({ recordCount }) => recordCount)).toBeGreaterThan(0);
    expect(batches.map(({ rejected }) => rejected)).toEqual(batches.map(() => ({})));
  });

  it.each(filesIn("otlp2parquet/invalid"))("%s is refused", (file) => {
    const body = readFileSync(join(FOLDER, file));
    expect(() => summarise(signalOf(file, body), body, "json", options({ maxPastMs: FAR }))).toThrow(
      expect.objectContaining({ failure: "undecodable" }),
    );
  });

  it.each([
    "metrics_gauge",
    "metrics_sum",
    "metrics_histogram",
    "metrics_exponential_histogram",
    "metrics_summary",
    "metrics_mixed",
  ])("%s means the same in JSON, JSON lines and protobuf", (name) => {
    const [json, lines, protobuf] = [".json", ".jsonl", ".pb"].map((ending) => read(`otlp2parquet/${name}${ending}`));
    expect(json).toEqual(protobuf);
    expect(lines).toEqual(protobuf);
  });

  it("trace means the same in ProtoJSON and protobuf", () => {
    expect(read("otlp2parquet/trace.json")).toEqual(read("otlp2parquet/trace.pb"));
  });

  it("every span of Nezha's OnlineBoutique is counted", () => {
    const file = "nezha/onlineboutique_traces.jsonl.gz";
    const written =
      gunzipSync(readFileSync(join(FOLDER, file)))
        .toString()
        .split('"startTimeUnixNano"').length - 1;
    const batches = read(file);
    expect(written).toBeGreaterThan(12_000);
    expect(sum(batches, ({ recordCount }) => recordCount)).toBe(written);
    expect(sum(batches, ({ windows }) => windows.reduce((total, { stats }) => total + stats.spanCount, 0))).toBe(
      written,
    );
  });

  it("robot-shop's metrics give the saturation of MySQL's buffer pool", () => {
    const gauges = read("robot-shop/metrics.jsonl").flatMap(({ windows }) => windows.map(({ stats }) => stats.gauges));
    const utilisation = gauges
      .map((each) => each["mysql.buffer_pool.utilization"]?.max)
      .filter((max) => max !== undefined);
    expect(utilisation.length).toBeGreaterThan(0);
    for (const ratio of utilisation) {
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThanOrEqual(1);
    }
  });
});
