import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checkSettings, checkWiring } from "./check-collector.ts";
import { COMPONENTS, type Settings, type SettingType } from "./collector-settings.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const FILE = read("docker/otel-collector.yaml");
const GUIDE = read("docs/guides/opentelemetry-collector.md");

/** The shipped file with one text replaced. */
function changed(from: string, to: string): unknown {
  expect(FILE).toContain(from);
  return parse(FILE.replace(from, to));
}

describe("docker/otel-collector.yaml", () => {
  it("has only documented settings of the documented types", () => {
    expect(checkSettings(parse(FILE))).toEqual([]);
  });

  it("defines what it names, starts what is referred to, and uses what it defines", () => {
    expect(checkWiring(parse(FILE))).toEqual([]);
  });

  it("is right with the TLS settings that it shows", () => {
    const uncommented = FILE.replace(/^( +)# (tls:| {2}\w+_file: )/gm, "$1$2");
    const config: unknown = parse(uncommented);
    expect(config).toMatchObject({
      exporters: { "otlp_http/harbinger": { tls: { ca_file: expect.any(String), key_file: expect.any(String) } } },
    });
    expect(checkSettings(config)).toEqual([]);
  });

  it("loses nothing by its settings: the queue is on disk, retries do not end, and every signal goes through it", () => {
    expect(parse(FILE)).toMatchObject({
      extensions: { "file_storage/harbinger": { fsync: true } },
      exporters: {
        "otlp_http/harbinger": {
          compression: "gzip",
          retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
          sending_queue: { enabled: true, storage: "file_storage/harbinger" },
        },
      },
      service: { pipelines: { traces: {}, logs: {}, metrics: {} } },
    });
  });
});

describe("the check", () => {
  it.each([
    ["an unknown key", "num_consumers: 8", "consumers: 8", "sending_queue.consumers is not documented"],
    ["an unknown key deep inside", "on_rebound: true", "on_rebounce: true", "compaction.on_rebounce is not documented"],
    ["a text for a number", "num_consumers: 8", "num_consumers: eight", "num_consumers is not a whole number"],
    ["a number without its unit", "flush_timeout: 1s", "flush_timeout: 1", "flush_timeout is not a duration"],
    ["a text for a flag", "fsync: true", 'fsync: "yes"', "fsync is not a flag"],
    ["an unknown choice", "compression: gzip", "compression: brotli", "compression is none of gzip"],
    [
      "a value for a map",
      "    auth:\n      authenticator: bearertokenauth/harbinger",
      "    auth: x",
      "auth is not a map",
    ],
    [
      "an unknown component",
      "  memory_limiter:\n    check",
      "  memory_limit:\n    check",
      "memory_limit: no documented",
    ],
    ["an unknown section", "receivers:\n  otlp:", "sources:\n  otlp:", "sources is no section"],
    ["the old name of the exporter", "  otlp_http/harbinger:", "  otlphttp/harbinger:", "no documented component"],
  ])("finds %s", (_case, from, to, problem) => {
    expect(checkSettings(changed(from, to)).join("\n")).toContain(problem);
  });

  it.each([
    [
      "an exporter that is not defined",
      "exporters: [otlp_http/harbinger]",
      "exporters: [otlp_http]",
      "traces.exporters names otlp_http,",
    ],
    ["a receiver that is not defined", "receivers: [otlp]", "receivers: [jaeger]", "traces.receivers names jaeger,"],
    [
      "a processor that is not defined",
      "processors: [memory_limiter]",
      "processors: [batch]",
      "traces.processors names batch,",
    ],
    ["a pipeline without receivers", "receivers: [otlp]", "receivers: []", "traces.receivers is empty"],
    ["a pipeline of no signal", "    traces:", "    spans:", "pipelines.spans is none of"],
    ["a storage that is not started", "file_storage/harbinger, ", "", "storage names file_storage/harbinger, which"],
    [
      "an authenticator of another name",
      "authenticator: bearertokenauth/harbinger",
      "authenticator: bearertokenauth",
      "authenticator names bearertokenauth, which",
    ],
    [
      "an extension that is defined and not started",
      "[health_check, ",
      "[",
      "extensions.health_check is defined and never used",
    ],
  ])("finds %s", (_case, from, to, problem) => {
    expect(checkWiring(changed(from, to)).join("\n")).toContain(problem);
  });

  it("finds a memory limiter that is not first", () => {
    const config = changed("processors: [memory_limiter]", "processors: [batch, memory_limiter]");
    expect(checkWiring(config)).toContain("service.pipelines.traces.processors: memory_limiter must be first");
  });

  it("says for every group of settings where it is documented", () => {
    const groups: Settings[] = [];
    const visit = (type: SettingType) => {
      if (typeof type !== "object" || "oneOf" in type) return;
      if ("listOf" in type) visit(type.listOf);
      else {
        groups.push(type);
        Object.values(type.settings).forEach(visit);
      }
    };
    for (const kind of Object.values(COMPONENTS)) Object.values(kind).forEach(visit);
    expect(groups.length).toBeGreaterThan(25);
    for (const { documentedAt } of groups) {
      expect(documentedAt).toMatch(
        /^https:\/\/github\.com\/open-telemetry\/opentelemetry-collector(-contrib)?\/blob\/.+\.md/,
      );
    }
  });
});

describe("docs/guides/opentelemetry-collector.md", () => {
  const fragments = [...GUIDE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text ?? "");

  it("shows fragments that have only documented settings", () => {
    expect(fragments.length).toBeGreaterThan(2);
    for (const fragment of fragments) expect(checkSettings(parse(fragment))).toEqual([]);
  });
});
