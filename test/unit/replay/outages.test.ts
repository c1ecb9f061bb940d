import { describe, expect, it } from "vitest";
import { probeRequests } from "../../../datasets/replay/outages/probe-requests.ts";
import { type Probe, readUpptimeProbes, readWebsiteProbes } from "../../../datasets/replay/outages/probes.ts";
import { summariseTraces } from "../../../models/telemetry/summarise.ts";
import { options } from "../../helpers/summarise-options.ts";

const MINUTE = 60_000;
const START = Date.UTC(2025, 0, 1);
/** one site up in steps 0, 1 and 3, another known from step 1 on */
const AVT = "a.example 2 0 1200 1800 2400\nb.example 1 600 2400\n";
const CSV = [
  "repo,service,time,status,http_code,latency_ms",
  "org/repo,Shop, the,2025-01-01T00:00:00Z,up,200,120",
  "org/repo,Shop, the,2025-01-01T00:12:00Z,down,502,80",
  "org/repo,Blog,2025-01-01T00:07:00Z,down,0,0",
  "org/repo,Shop, the,2025-01-01T00:20:00Z,up,200,0",
  "",
].join("\n");

const brief = ({ site, atMs, isUp }: Probe) => `${site} ${(atMs - START) / MINUTE} ${isUp ? "up" : "down"}`;

describe("a record of outages as probes", () => {
  it("has one probe for each site and step of a .avt file in which its state is known", () => {
    const probes = readWebsiteProbes(AVT, { startMs: START });
    expect([...probes.inOrder()].map(brief)).toEqual([
      "a.example 0 up",
      "a.example 10 up",
      "b.example 10 up",
      "a.example 20 down",
      "b.example 20 up",
      "a.example 30 up",
      "b.example 30 up",
    ]);
    expect(probes.times).toEqual({ firstMs: START, lastMs: START + 30 * MINUTE });
  });

  it("repeats what a .csv file says every five minutes until the next change", () => {
    const probes = readUpptimeProbes(CSV, {});
    const all = [...probes.inOrder()];
    expect(all.map(brief)).toEqual([
      "Shop, the 0 up",
      "Shop, the 5 up",
      "Blog 7 down",
      "Shop, the 10 up",
      "Shop, the 12 down",
      "Blog 12 down",
      "Shop, the 17 down",
      "Blog 17 down",
      "Shop, the 20 up",
    ]);
    expect(all[4]).toEqual({
      site: "Shop, the",
      namespace: "org/repo",
      atMs: START + 12 * MINUTE,
      isUp: false,
      httpStatus: 502,
      latencyMs: 80,
    });
    expect(all[2]).not.toHaveProperty("httpStatus");
    expect(probes.times).toEqual({ firstMs: START, lastMs: START + 20 * MINUTE });
  });

  it("names the line that is wrong", () => {
    expect(() => readWebsiteProbes("a.example 2 0 1200\n", {})).toThrow("line 1");
    expect(() => readUpptimeProbes("header\norg/repo,Shop,yesterday,up,200,1\n", {})).toThrow("line 2");
  });
});

describe("probes as OTLP", () => {
  const requestsOf = (maxSpanMs: number) => [
    ...probeRequests(readWebsiteProbes(AVT, { startMs: START }), { source: "a.avt", maxSpanMs }),
  ];

  it("give windows of the probing interval that are up or down as the record says", () => {
    const [request] = requestsOf(Infinity);
    const batch = summariseTraces(
      request!.body(0n),
      "json",
      options({ receivedAtMs: START + 60 * MINUTE, windowSizeMs: 10 * MINUTE }),
    );
    const windows = batch.windows.map(({ service, startMs, stats }) => ({
      site: service.name,
      step: (startMs - START) / (10 * MINUTE),
      requests: stats.requestCount,
      errors: stats.requestErrorCount,
    }));
    const of = (site: string) => windows.filter((window) => window.site === site).sort((a, b) => a.step - b.step);
    expect(of("a.example").map(({ step, requests, errors }) => [step, requests, errors])).toEqual([
      [0, 1, 0],
      [1, 1, 0],
      [2, 1, 1],
      [3, 1, 0],
    ]);
    expect(of("b.example").map(({ step, requests, errors }) => [step, requests, errors])).toEqual([
      [1, 1, 0],
      [2, 1, 0],
      [3, 1, 0],
    ]);
    expect(batch.rejected).toEqual({});
  });

  it("are cut by event time, and never within one moment", () => {
    const requests = requestsOf(10 * MINUTE);
    expect(requests.map(({ recordCount }) => recordCount)).toEqual([1, 2, 2, 2]);
    expect(requests.map(({ times }) => times?.firstMs)).toEqual([0, 10, 20, 30].map((at) => START + at * MINUTE));
  });

  it("have the same bytes in every replay, and other ids at other times", () => {
    const [first] = requestsOf(Infinity);
    const [again] = requestsOf(Infinity);
    expect(again!.body(0n)).toEqual(first!.body(0n));
    const traceIds = (shiftNs: bigint) =>
      [
        ...Buffer.from(first!.body(shiftNs))
          .toString()
          .matchAll(/"traceId":"([0-9a-f]{32})"/g),
      ].map(([, id]) => id);
    expect(new Set([...traceIds(0n), ...traceIds(1n)]).size).toBe(2 * 7);
  });
});
