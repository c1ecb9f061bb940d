import { describe, expect, it } from "vitest";
import { gaugeKind } from "../../../models/features/sections/saturation.ts";

describe("the kind of a gauge", () => {
  it.each([
    ["db.client.connection.utilization", "ratio"],
    ["process.cpu.utilization", "ratio"],
    ["nodejs.eventloop.utilization", "ratio"],
    ["process.memory.usage", "memory"],
    ["v8js.memory.heap.used", "memory"],
    ["jvm.memory.used", "memory"],
    ["db.client.connection.count", "pool"],
    ["jvm.thread.count", "pool"],
    ["db.client.connection.pending_requests", "queue"],
    ["messaging.queue.depth", "queue"],
    ["http.server.active_requests", "queue"],
    ["nodejs.eventloop.delay.p99", "runtime"],
    ["app.temperature", "other"],
  ])("%s is %s", (name, kind) => {
    expect(gaugeKind(name)).toBe(kind);
  });
});
