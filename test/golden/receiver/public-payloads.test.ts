/** Real payloads from public sources against a plain count of what they say, and against what is known of some of them. */
import { describe, expect, it } from "vitest";
import type { TelemetryBatch } from "../../../models/telemetry/records.ts";
import { summarise } from "../../../models/telemetry/summarise.ts";
import { reencodeAsProtobuf } from "../../helpers/otlp-reencode.ts";
import { countOf, plainCount } from "../../helpers/plain-count.ts";
import {
  arePayloadsMissing,
  DOCUMENTED_ANSWERS,
  FAR_MS,
  invalidFiles,
  type PublicRequest,
  requestsOf,
  validFiles,
} from "../../helpers/public-payloads.ts";
import { NOW_MS, options } from "../../helpers/summarise-options.ts";

const wide = options({ maxPastMs: FAR_MS, maxFutureMs: FAR_MS });
const batchOf = ({ signal, body, encoding }: PublicRequest) => summarise(signal, body, encoding, wide);
const read = (file: string): TelemetryBatch[] => requestsOf(file).map(batchOf);
const sum = (batches: TelemetryBatch[], count: (batch: TelemetryBatch) => number) =>
  batches.reduce((total, batch) => total + count(batch), 0);

describe.skipIf(arePayloadsMissing)("valid payloads", () => {
  it.each(validFiles)("%s gives what a plain count gives, and nothing of it is refused", (file) => {
    const requests = requestsOf(file);
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) {
      const batch = batchOf(request);
      expect(countOf(batch)).toEqual(plainCount(request, NOW_MS));
      expect(batch).toMatchObject({ rejected: {} });
      expect(batch.losses).toBeUndefined();
      expect(batch.recordCount).toBeGreaterThan(0);
    }
  });

  it.each(validFiles.filter((file) => file.includes(".json")))("%s means the same in protobuf", (file) => {
    for (const request of requestsOf(file)) {
      const { signal, body } = request;
      const protobuf = reencodeAsProtobuf(signal, JSON.parse(body.toString()));
      expect(summarise(signal, protobuf, "protobuf", wide)).toEqual(batchOf(request));
    }
  });

  it.each([
    ["metrics_gauge", ".json", ".jsonl"],
    ["metrics_sum", ".json", ".jsonl"],
    ["metrics_histogram", ".json", ".jsonl"],
    ["metrics_exponential_histogram", ".json", ".jsonl"],
    ["metrics_summary", ".json", ".jsonl"],
    ["metrics_mixed", ".json", ".jsonl"],
    ["trace", ".json"],
  ])("%s means the same as its publisher's protobuf", (name, ...endings) => {
    const protobuf = read(`otlp2parquet/${name}.pb`);
    for (const ending of endings) expect(read(`otlp2parquet/${name}${ending}`)).toEqual(protobuf);
  });

  it.each(["logs", "traces"])("%s in JSON lines add up to their publisher's one protobuf request", (name) => {
    const [whole] = read(`otlp2parquet/${name}.pb`);
    const lines = read(`otlp2parquet/${name}.jsonl`);
    expect(whole?.recordCount).toBeGreaterThan(1);
    expect(sum(lines, ({ recordCount }) => recordCount)).toBe(whole?.recordCount);
  });
});

/** What is in some of the files, counted by hand or by their publishers. */
const KNOWN: [file: string, records: number, errors: number, services: string[]][] = [
  ["proto-examples/trace.json", 1, 0, ["my.service"]],
  ["proto-examples/logs.json", 1, 0, ["my.service"]],
  ["proto-examples/events.json", 1, 0, ["my.service"]],
  ["proto-examples/metrics.json", 4, 0, ["my.service"]],
  ["gcp-fixtures/traces/traces_basic.json", 45, 0, ["demo-client", "demo-server"]],
  // Apache writes the severity of two of nine lines in OTLP, one of them an error
  ["gcp-fixtures/logs/logs_apache_error.json", 9, 1, ["unknown_service"]],
  // `severity_number: 17`: OTLP's JSON has lowerCamelCase keys and no others, so that field is unknown and ignored
  ["gcp-fixtures/logs/logs_apache_text_error.json", 2, 0, ["apache_service"]],
  ["gcp-fixtures/logs/logs_apache_access.json", 17, 0, ["apache_service"]],
  ["gcp-fixtures/logs/logs_multi_project.json", 34, 0, ["unknown_service"]],
  ["gcp-fixtures/metrics/exponential_histogram.json", 2, 0, ["demo"]],
  ["gcp-fixtures/metrics/summary.json", 1, 0, ["demo"]],
  ["gcp-fixtures/metrics/prometheus_stale.json", 10, 0, ["demo"]],
  ["gcp-fixtures/metrics/workload_metrics.json", 200, 0, ["unknown_service"]],
  ["otlp2parquet/trace.json", 2, 0, ["frontend-proxy"]],
  ["otlp2parquet/metrics_mixed.json", 3, 0, ["multi-service"]],
  ["robot-shop/metrics.jsonl", 4_746, 0, ["unknown_service"]],
];

describe.skipIf(arePayloadsMissing)("known contents", () => {
  it.each(KNOWN)("%s has %i records and %i errors", (file, records, errors, services) => {
    const batches = read(file);
    expect(sum(batches, ({ recordCount }) => recordCount)).toBe(records);
    expect(sum(batches, (batch) => batch.errors.length)).toBe(errors);
    const names = batches.flatMap(({ windows }) => windows.map(({ service }) => service.name));
    expect([...new Set(names)].sort()).toEqual(services);
  });

  it("Apache's error line is kept whole", () => {
    const [batch] = read("gcp-fixtures/logs/logs_apache_error.json");
    expect(batch?.errors).toEqual([
      {
        service: { namespace: "", name: "unknown_service", environment: "" },
        source: "log",
        timeMs: Date.UTC(2022, 3, 26, 22, 48, 34, 740),
        severityNumber: 17,
        severityText: "Error",
        body: expect.stringContaining("AH01873: Init: Session Cache is not configured [hint: SSLSessionCache]"),
        attributes: {},
      },
    ]);
    expect(
      sum(batch === undefined ? [] : [batch], ({ windows }) => windows.reduce((n, w) => n + w.stats.warnLogCount, 0)),
    ).toBe(1);
  });

  it("Nezha's OnlineBoutique: every span and log of ten services in three minutes; its faults are slowness, which no status or severity tells", () => {
    const traces = read("nezha/onlineboutique_traces.jsonl.gz");
    const logs = read("nezha/onlineboutique_logs.jsonl.gz");
    expect(sum(traces, ({ recordCount }) => recordCount)).toBe(12_033);
    expect(sum(logs, ({ recordCount }) => recordCount)).toBe(13_134);
    expect(sum([...traces, ...logs], ({ errors }) => errors.length)).toBe(0);
    for (const batches of [traces, logs]) {
      const windows = batches.flatMap((batch) => batch.windows);
      expect(new Set(windows.map(({ service }) => service.name)).size).toBe(10);
      expect(windows.every(({ service }) => service.namespace === "onlineboutique")).toBe(true);
      expect(new Set(windows.map(({ startMs }) => startMs)).size).toBe(3);
      expect(windows.every(({ stats }) => Object.keys(stats.instances).length > 0)).toBe(true);
    }
  });

  it("a stale point of Prometheus counts as a point and gives no gauge", () => {
    // both points of `scrape_series_added` are named so that they would be a queue's depth, but for their flag
    const [request] = requestsOf("gcp-fixtures/metrics/prometheus_stale.json");
    const asQueue = (request?.body.toString() ?? "").replaceAll("scrape_series_added", "scrape.queue");
    const batch = summarise("metrics", Buffer.from(asQueue), "json", wide);
    expect(batch.windows.map(({ stats }) => [stats.metricPointCount, stats.gauges])).toEqual([
      [10, { "scrape.queue": { count: 1, sum: 22, max: 22 } }],
    ]);
  });

  it("robot-shop's metrics give the saturation of MySQL's buffer pool", () => {
    const utilisation = read("robot-shop/metrics.jsonl")
      .flatMap(({ windows }) => windows.map(({ stats }) => stats.gauges["mysql.buffer_pool.utilization"]?.max))
      .filter((max) => max !== undefined);
    expect(utilisation.length).toBeGreaterThan(0);
    for (const ratio of utilisation) {
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThanOrEqual(1);
    }
  });
});

describe.skipIf(arePayloadsMissing)("invalid payloads", () => {
  it("are those that are documented", () => {
    expect(invalidFiles.map((file) => file.split("/").at(-1))).toEqual(Object.keys(DOCUMENTED_ANSWERS));
  });

  it.each(invalidFiles)("%s is refused for its documented reason", (file) => {
    const name = file.split("/").at(-1) ?? "";
    expect(requestsOf(file)).toHaveLength(1);
    for (const request of requestsOf(file)) {
      expect(() => batchOf(request)).toThrow(
        expect.objectContaining({
          failure: "undecodable",
          message: expect.stringMatching(DOCUMENTED_ANSWERS[name] ?? /$^/),
        }),
      );
    }
  });
});
