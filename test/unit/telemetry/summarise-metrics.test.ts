import { describe, expect, it } from "vitest";
import { summariseMetrics } from "../../../models/telemetry/summarise.ts";
import { asJson, type KeyValue, metricsRequest, nanos, text } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { NOW_MS, options } from "../../helpers/summarise-options.ts";

const timeUnixNano = nanos(NOW_MS);
const point = (value: number, ...attributes: KeyValue[]) => ({ timeUnixNano, asDouble: value, attributes });
const gauge = (name: string, ...dataPoints: object[]) => ({ name, gauge: { dataPoints } });
const upDown = (name: string, ...dataPoints: object[]) => ({
  name,
  sum: { dataPoints, aggregationTemporality: 2, isMonotonic: false },
});

function statsOf(...metrics: object[]) {
  const request = metricsRequest(metrics);
  const fromProtobuf = summariseMetrics(encodeRequest("metrics", request), "protobuf", options());
  expect(summariseMetrics(asJson(request), "json", options())).toEqual(fromProtobuf);
  return fromProtobuf.windows[0]?.stats;
}

const gaugesOf = (...metrics: object[]) => statsOf(...metrics)?.gauges;
const once = (value: number) => ({ count: 1, sum: value, max: value });

describe("metrics become saturation gauges", () => {
  it("keeps utilisations as they are, without what is idle", () => {
    const gauges = gaugesOf(
      gauge("nodejs.eventloop.utilization", point(0.25), point(0.75)),
      gauge("system.cpu.utilization", point(0.5, text("cpu.mode", "user")), point(0.5, text("cpu.mode", "idle"))),
    );
    expect(gauges).toEqual({
      "nodejs.eventloop.utilization": { count: 2, sum: 1, max: 0.75 },
      "system.cpu.utilization": once(0.5),
    });
  });

  it("divides a usage by the limit of the same pool", () => {
    const pool = (name: string) => text("jvm.memory.pool.name", name);
    const gauges = gaugesOf(
      upDown("jvm.memory.used", point(50, pool("old")), point(10, pool("new"))),
      upDown("jvm.memory.limit", point(100, pool("old")), point(-1, pool("new"))),
      upDown("mysql.buffer_pool.usage", point(30, text("status", "dirty")), point(40, text("status", "clean"))),
      upDown("mysql.buffer_pool.limit", point(100)),
    );
    expect(gauges?.["jvm.memory.utilization"]).toEqual(once(0.5));
    expect(gauges?.["mysql.buffer_pool.utilization"]).toMatchObject({ count: 1, max: expect.closeTo(0.7, 5) });
    expect(gauges).not.toHaveProperty("mysql.buffer_pool.usage.dirty");
  });

  it.each([
    [
      "db.client.connection.count",
      "db.client.connection.state",
      "db.client.connection.max",
      "db.client.connection.pending_requests",
    ],
    ["db.client.connections.usage", "state", "db.client.connections.max", "db.client.connections.pending_requests"],
  ])("reads connection pools from %s", (count, stateKey, max, pending) => {
    const gauges = gaugesOf(
      upDown(count, point(6, text(stateKey, "used")), point(2, text(stateKey, "idle"))),
      upDown(max, point(8)),
      upDown(pending, point(3)),
    );
    expect(gauges).toEqual({
      "db.client.connection.count.used": once(6),
      "db.client.connection.count.idle": once(2),
      "db.client.connection.max": once(8),
      "db.client.connection.pending_requests": once(3),
      "db.client.connection.utilization": once(0.75),
    });
  });

  it("reads why containers stopped and how often they were restarted", () => {
    const reason = (name: string, value: number) => ({
      timeUnixNano,
      asInt: String(value),
      attributes: [text("k8s.container.status.reason", name)],
    });
    const gauges = gaugesOf(upDown("k8s.container.status.reason", reason("OOMKilled", 1), reason("Completed", 0)), {
      name: "k8s.container.restarts",
      sum: { dataPoints: [point(4)], aggregationTemporality: 2, isMonotonic: true },
    });
    expect(gauges).toEqual({
      "k8s.container.status.reason.OOMKilled": once(1),
      "k8s.container.restarts": once(4),
    });
  });

  it("never makes requests of http.server.request.duration, whose spans are counted already", () => {
    const histogram = (aggregationTemporality: number) => ({
      name: "http.server.request.duration",
      histogram: { aggregationTemporality, dataPoints: [{ timeUnixNano, count: "4", sum: 1 }] },
    });
    expect(statsOf(histogram(1), histogram(2))).toMatchObject({
      requestCount: 0,
      metricPointCount: 2,
      gauges: { "http.server.request.duration": once(0.25) },
    });
  });

  it("counts the points of every kind of metric, and reads nothing from counters or missing values", () => {
    const stats = statsOf(
      { name: "requests", sum: { dataPoints: [point(5)], aggregationTemporality: 2, isMonotonic: true } },
      gauge("process.memory.usage", { timeUnixNano, flags: 1 }, { timeUnixNano, asDouble: "NaN" }),
      {
        name: "jvm.gc.duration",
        exponentialHistogram: { dataPoints: [{ timeUnixNano, count: "0" }], aggregationTemporality: 1 },
      },
      { name: "rpc", summary: { dataPoints: [{ timeUnixNano, count: "2", sum: 3 }] } },
      gauge("room.temperature", point(21)),
      { name: "empty" },
    );
    expect(stats).toMatchObject({ metricPointCount: 6, gauges: {} });
  });

  it("counts data points, not metrics, and refuses those outside the accepted times", () => {
    const request = metricsRequest([gauge("g", point(1), { ...point(1), timeUnixNano: "1" })]);
    const batch = summariseMetrics(asJson(request), "json", options());
    expect(batch).toMatchObject({ recordCount: 2, rejected: { too_old: 1 }, maxEventTimeMs: NOW_MS });
    const nothing = summariseMetrics(asJson(metricsRequest([gauge("g")])), "json", options());
    expect(nothing).toMatchObject({ recordCount: 0, maxEventTimeMs: null });
  });
});
