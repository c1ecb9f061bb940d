/** The shop as the demo runs it, with one more copy: real processes, a real database, the official SDK's exports. Three regions have one
 *  fault each at the same time, then two of them another. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Episode } from "../../../datasets/shop/fault-schedule.ts";
import { type Load, startLoad } from "../../../datasets/shop/load-generator.ts";
import { playEpisodes } from "../../../datasets/shop/runner/play-episodes.ts";
import { SERVICES, type Shop, startShop } from "../../../datasets/shop/runner/shop.ts";
import { type OtlpSink, type SeenSpan, startOtlpSink } from "./otlp-sink.ts";

const REGIONS = ["eu", "us", "ap"];
const REQUESTS_PER_SECOND = 8;
const BUILD_UP_MS = 5_000;
const HOLD_MS = 2_500;

let sink: OtlpSink;
let shop: Shop;
let loads: Load[] = [];
/** what arrived while everything was healthy, while faults were on, and after all were healed */
const phases: Record<"healthy" | "first" | "second" | "healed", SeenSpan[]> = {
  healthy: [],
  first: [],
  second: [],
  healed: [],
};

beforeAll(async () => {
  sink = await startOtlpSink();
  shop = await startShop({ otlpEndpoint: sink.url, otlpProtocol: "http/json", regions: REGIONS });
  loads = REGIONS.map((region, seed) =>
    startLoad({ seed, frontUrl: () => shop.frontUrl(region), requestsPerSecond: REQUESTS_PER_SECOND }),
  );
  await untilWarm();
  await observe("healthy", () => sleep(4_000));
  await observe("first", () =>
    play([
      { region: "eu", kind: "pool_leak", service: "inventory" },
      { region: "us", kind: "slowdown", service: "payment" },
      { region: "ap", kind: "memory_growth", service: "web" },
    ]),
  );
  await observe("second", () =>
    play([
      { region: "eu", kind: "bad_deployment", service: "checkout" },
      { region: "us", kind: "kill", service: "payment" },
    ]),
  );
  // requests and exports of before the repair are still on their way
  await sleep(2_500);
  await observe("healed", () => sleep(3_000));
});

afterAll(async () => {
  await Promise.all(loads.map((load) => load.stop()));
  await shop?.stop();
  await sink?.close();
});

/** The first requests meet cold programs, which takes as long as the machine is slow. */
async function untilWarm(): Promise<void> {
  const failures = () => loads.reduce((sum, load) => sum + load.counts().failed, 0);
  const deadline = performance.now() + 45_000;
  for (let calm = 0, before = -1; calm < 3 && performance.now() < deadline; ) {
    await sleep(1_000);
    const now = failures();
    calm = now === before ? calm + 1 : 0;
    before = now;
  }
}

async function observe(phase: keyof typeof phases, happening: () => Promise<unknown>): Promise<void> {
  const from = sink.spans.length;
  await happening();
  phases[phase] = sink.spans.slice(from);
}

function play(faults: Pick<Episode, "region" | "kind" | "service">[]): Promise<void> {
  const episodes = faults.map((fault) => {
    const buildUpMs = fault.kind === "kill" ? 0 : BUILD_UP_MS;
    return { ...fault, startMs: 0, buildUpMs, holdMs: HOLD_MS, endMs: buildUpMs + HOLD_MS };
  });
  const signal = new AbortController().signal;
  return playEpisodes({ shop, episodes, requestsPerSecond: REQUESTS_PER_SECOND, signal });
}

const served = (spans: SeenSpan[], environment: string, service: string) =>
  spans.filter((span) => span.kind === 2 && span.environment === environment && span.service === service);

/** A starved machine makes a healthy shop time out now and then, so "no error" is a small share of them. */
const errorRatio = (spans: SeenSpan[]) => spans.filter(({ isError }) => isError).length / spans.length;

const errorTypes = (spans: SeenSpan[], environment: string, service: string) =>
  spans
    .filter((span) => span.environment === environment && span.service === service)
    .flatMap((span) => span.exceptions.map((exception) => exception["exception.type"]));

describe("the healthy shop", () => {
  it("serves in every service of every region, all but without errors", () => {
    for (const region of REGIONS) {
      for (const service of SERVICES) {
        const spans = served(phases.healthy, region, service);
        expect(spans.length, `${service} in ${region}`).toBeGreaterThan(0);
        expect(errorRatio(spans), `${service} in ${region}`).toBeLessThan(0.1);
      }
    }
  });

  it("says by client spans who calls whom, the database included", () => {
    const calls = new Set(
      phases.healthy
        .filter(({ kind }) => kind === 3)
        .map(({ service, attributes }) => `${service} → ${attributes["peer.service"]}`),
    );
    expect([...calls].sort()).toEqual([
      "checkout → inventory",
      "checkout → payment",
      "checkout → postgresql",
      "inventory → postgresql",
      "web → checkout",
      "web → inventory",
    ]);
  });

  it("reports the runtime's and the connection pools' metrics", () => {
    const names = new Set(sink.points.map(({ name }) => name));
    for (const name of [
      "v8js.memory.heap.used",
      "nodejs.eventloop.utilization",
      "http.server.request.duration",
      "db.client.connection.count",
      "db.client.connection.max",
      "db.client.connection.pending_requests",
    ]) {
      expect(names).toContain(name);
    }
  });
});

describe("a fault", () => {
  it("that leaks connections empties the pool, and then requests fail for want of one", () => {
    expect(errorTypes(phases.first, "eu", "inventory")).toContain("ConnectionPoolExhaustedError");
    const used = sink.points.filter(
      ({ service, name, attributes }) =>
        service === "inventory" &&
        name === "db.client.connection.count" &&
        attributes["db.client.connection.state"] === "used",
    );
    expect(Math.max(...used.map(({ value }) => value))).toBe(8);
  });

  it("that slows payment down ends in timeouts there and failures in its callers", () => {
    expect(errorTypes(phases.first, "us", "payment")).toContain("AcquirerTimeoutError");
    expect(errorTypes(phases.first, "us", "checkout")).toContain("UpstreamFailedError");
  });

  it("that keeps memory fills the heap until the service refuses work", () => {
    // refused before any route is chosen, so it is the log that names it
    const refusals = sink.logs.filter(({ attributes }) => attributes["exception.type"] === "HeapExhaustedError");
    expect(new Set(refusals.map(({ service }) => service))).toEqual(new Set(["web"]));
    const failed = served(phases.first, "ap", "web").filter(({ isError }) => isError);
    expect(failed.map(({ attributes }) => attributes["http.response.status_code"])).toContain(503);
  });

  it("that is deployed throws where the program is wrong, in the new version only", () => {
    const failed = phases.second.filter(({ environment, service, exceptions }) => {
      return environment === "eu" && service === "checkout" && exceptions.length > 0;
    });
    const defects = failed.filter(({ exceptions }) => exceptions.some((one) => one["exception.type"] === "TypeError"));
    expect(defects.length).toBeGreaterThan(0);
    expect(new Set(defects.map(({ version }) => version))).toEqual(new Set(["1.5.0"]));
  });

  it("that kills payment leaves its callers with refused connections", () => {
    expect(errorTypes(phases.second, "us", "checkout")).toContain("ECONNREFUSED");
  });

  it("is logged as an error with its exception", () => {
    const errors = sink.logs.filter(({ severityNumber }) => severityNumber >= 17);
    const types = new Set(errors.map(({ attributes }) => attributes["exception.type"]));
    expect(types).toContain("ConnectionPoolExhaustedError");
    expect(types).toContain("AcquirerTimeoutError");
    expect(errors.every(({ attributes }) => String(attributes["exception.stacktrace"]).includes("\n    at "))).toBe(
      true,
    );
  });

  it("leaves nothing behind once it is healed", () => {
    for (const region of REGIONS) {
      const spans = SERVICES.flatMap((service) => served(phases.healed, region, service));
      expect(spans.length).toBeGreaterThan(0);
      expect(errorRatio(spans), region).toBeLessThan(0.1);
    }
  });
});

it("ends without leaving a process behind", async () => {
  const processIds = shop.processIds();
  expect(processIds).toHaveLength(1 + REGIONS.length * SERVICES.length);
  await Promise.all(loads.map((load) => load.stop()));
  await shop.stop();
  for (const pid of processIds) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
