import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { credentials, makeClientConstructor } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { describe, expect, it } from "vitest";
import type { Signal } from "../../../models/telemetry/records.ts";
import { EXPORT_SERVICES } from "../../../services/receiver/grpc/export-calls.ts";
import {
  callGrpc,
  callRaw,
  exportPath,
  type GrpcCallOptions,
  grpcFrame,
  grpcStatusOf,
  statusDetails,
} from "../../helpers/grpc-client.ts";
import { logsRequest, metricsRequest, nanos, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { ExportResponse, encodeRequest } from "../../helpers/otlp-proto.ts";
import { send, startTestReceiver, type TestReceiverOptions } from "../../helpers/receiver.ts";
import { receiverPerTest } from "../../helpers/receiver-per-test.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";
import { zstdBomb, zstdFrame } from "../../helpers/zstd-frames.ts";

const MIB = 1024 * 1024;
const TRACES = exportPath("traces");
const span = { kind: 2, startTimeUnixNano: nanos(NOW_MS - 5), endTimeUnixNano: nanos(NOW_MS) };
const bodies: Record<Signal, Uint8Array> = {
  traces: encodeRequest("traces", tracesRequest([span])),
  logs: encodeRequest("logs", logsRequest([{ timeUnixNano: nanos(NOW_MS), severityNumber: 17 }])),
  metrics: encodeRequest(
    "metrics",
    metricsRequest([{ name: "queue.size", gauge: { dataPoints: [{ timeUnixNano: nanos(NOW_MS), asInt: "3" }] } }]),
  ),
};
const signals: Signal[] = ["traces", "logs", "metrics"];

const startReceiver = receiverPerTest();
const start = async (options: TestReceiverOptions = {}) => {
  const receiver = await startReceiver(options);
  return { ...receiver, origin: `http://127.0.0.1:${receiver.grpcPort}` };
};

describe.each(signals)("%s", (signal) => {
  it.each(["none", "gzip", "deflate"] as const)("are accepted, compression %s", async (compression) => {
    const { grpcPort, batches } = await start();
    const answer = await callGrpc(grpcPort, exportPath(signal), bodies[signal], { compression });
    expect(answer).toMatchObject({ code: 0, body: Buffer.alloc(0) });
    expect(batches()).toMatchObject([{ signal, recordCount: 1, receivedAtMs: NOW_MS }]);
  });

  it("have the same batch id over HTTP and gRPC, however they are compressed", async () => {
    const { url, grpcPort, origin, batches } = await start();
    const type = { "content-type": "application/x-protobuf" };
    await send(`${url}/v1/${signal}`, { headers: type, body: bodies[signal] });
    await send(`${url}/v1/${signal}`, {
      headers: { ...type, "content-encoding": "zstd" },
      body: zstdFrame([{ type: "raw", bytes: bodies[signal] }]),
    });
    await callGrpc(grpcPort, exportPath(signal), bodies[signal]);
    await callGrpc(grpcPort, exportPath(signal), bodies[signal], { compression: "gzip" });
    await callRaw(origin, exportPath(signal), {
      headers: { "grpc-encoding": "zstd" },
      body: grpcFrame(zstdFrame([{ type: "raw", bytes: bodies[signal] }]), 1),
    });
    const ids = batches().map(({ batchId }) => batchId);
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(1);
  });

  it("may be empty, which makes no job", async () => {
    const { grpcPort, jobs } = await start();
    expect(await callGrpc(grpcPort, exportPath(signal), new Uint8Array())).toMatchObject({ code: 0 });
    expect(jobs).toHaveLength(0);
  });

  it("that are partly bad are accepted with counts", async () => {
    const old = nanos(Date.UTC(1970, 5, 1));
    const mixed = {
      traces: tracesRequest([span, { ...span, startTimeUnixNano: old, endTimeUnixNano: old }]),
      logs: logsRequest([{ timeUnixNano: nanos(NOW_MS) }, { timeUnixNano: old }]),
      metrics: metricsRequest([
        { name: "queue.size", gauge: { dataPoints: [{ timeUnixNano: nanos(NOW_MS) }, { timeUnixNano: old }] } },
      ]),
    };
    const { grpcPort } = await start();
    const answer = await callGrpc(grpcPort, exportPath(signal), encodeRequest(signal, mixed[signal]));
    const field = { traces: "rejectedSpans", logs: "rejectedLogRecords", metrics: "rejectedDataPoints" }[signal];
    const type = ExportResponse[signal];
    expect(type.toObject(type.decode(answer.body ?? Buffer.alloc(0)), { longs: Number })).toEqual({
      partialSuccess: { [field]: 1, errorMessage: "1 too_old" },
    });
  });
});

describe("the answers that have a reason of their own", () => {
  const rows: [string, number, boolean, Uint8Array, (GrpcCallOptions & { path?: string })?, TestReceiverOptions?][] = [
    ["an unknown service", 12, false, bodies.traces, { path: "/opentelemetry.proto.X/Export" }],
    ["an unknown method", 12, false, bodies.traces, { path: `/${EXPORT_SERVICES.traces}/Import` }],
    ["a truncated message", 3, false, bodies.traces.subarray(0, -2)],
    ["random bytes", 3, false, Uint8Array.of(0xff, 0xfe, 0x00, 0x01)],
    ["no credentials", 16, false, bodies.traces, {}, { tokens: ["secret"] }],
    [
      "malformed credentials",
      16,
      false,
      bodies.traces,
      { headers: { authorization: "Basic eA==" } },
      { tokens: ["x"] },
    ],
    ["an unknown token", 7, false, bodies.traces, { headers: { authorization: "Bearer no" } }, { tokens: ["secret"] }],
    ["the right token", 0, false, bodies.traces, { headers: { authorization: "Bearer b" } }, { tokens: ["a", "b"] }],
    ["a message over the limit", 8, false, new Uint8Array(3_000), {}, { maxBodyBytes: 2_000 }],
    [
      "a message over the limit after decompression",
      8,
      false,
      new Uint8Array(3_000),
      { compression: "gzip" },
      { maxBodyBytes: 2_000 },
    ],
    ["a large message far over the limit", 8, false, new Uint8Array(32 * MIB), {}, { maxBodyBytes: 100_000 }],
    ["too many bytes in flight", 8, true, bodies.traces, {}, { maxInFlightBytes: 10 }],
    ["a queue that fails", 14, true, bodies.traces, {}, { add: () => Promise.reject(new Error("no disk")) }],
    [
      "a queue that does not answer",
      14,
      true,
      bodies.traces,
      {},
      { add: () => new Promise(() => {}), timeouts: { queueMs: 20 } },
    ],
  ];

  it.each(rows)("%s: status %d, to be repeated: %s", async (_what, code, isRepeated, message, call = {}, options) => {
    const { grpcPort, batches } = await start(options);
    const answer = await callGrpc(grpcPort, call.path ?? TRACES, message, call);
    expect(answer.code).toBe(code);
    expect(statusDetails(answer) !== null).toBe(isRepeated);
    if (code !== 0) expect(answer.message).toMatch(/\w/);
    expect(batches()).toHaveLength(code === 0 ? 1 : 0);
  });

  it("a full queue turns senders away before it reads their message", async () => {
    const { grpcPort, jobs } = await start({
      maxQueuedJobs: 5,
      depth: async () => ({ waiting: 5, active: 0, delayed: 0, failed: 0 }),
    });
    let answer = await callGrpc(grpcPort, TRACES, bodies.traces);
    for (let round = 0; round < 50 && answer.code === 0; round += 1) {
      await sleep(10);
      answer = await callGrpc(grpcPort, TRACES, bodies.traces);
    }
    expect(answer.code).toBe(8);
    expect(statusDetails(answer)).not.toBeNull();
    expect(jobs.length).toBeLessThan(50);
  });
});

describe("calls that are wrong on the wire", () => {
  const message = bodies.traces;
  it.each<[string, number, Record<string, string>, Uint8Array]>([
    ["an encoding that is not known", 12, { "grpc-encoding": "br" }, grpcFrame(message, 1)],
    ["a compressed message without an encoding", 3, {}, grpcFrame(gzipSync(message), 1)],
    [
      "a message that is not what its encoding says",
      3,
      { "grpc-encoding": "gzip" },
      grpcFrame(deflateSync(message), 1),
    ],
    ["a gzip cut short", 3, { "grpc-encoding": "gzip" }, grpcFrame(gzipSync(message).subarray(0, 30), 1)],
    ["a plain message under an encoding", 0, { "grpc-encoding": "gzip" }, grpcFrame(message)],
    ["a content type with a subtype", 0, { "content-type": "application/grpc+proto" }, grpcFrame(message)],
    ["no message", 3, {}, new Uint8Array()],
    ["two messages", 3, {}, Buffer.concat([grpcFrame(message), grpcFrame(message)])],
    ["half a message", 3, {}, grpcFrame(message).subarray(0, 20)],
    ["half a frame", 3, {}, Uint8Array.of(0, 0)],
    ["an unknown flag", 3, {}, grpcFrame(message, 2)],
    ["a length of four gigabytes", 3, {}, Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 1)],
  ])("%s: status %d", async (_what, code, headers, body) => {
    const { origin } = await start();
    const answer = await callRaw(origin, TRACES, { headers, body });
    expect(answer.headers[":status"]).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/grpc");
    expect(answer.headers["grpc-accept-encoding"]).toBe("identity,gzip,deflate,zstd");
    expect(grpcStatusOf(answer)).toBe(code);
  });

  it.each<[string, number, Record<string, string>]>([
    ["another content type", 415, { "content-type": "application/x-protobuf" }],
    ["gRPC in JSON", 415, { "content-type": "application/grpc+json" }],
    ["gRPC-Web", 415, { "content-type": "application/grpc-web" }],
    ["GET", 405, { ":method": "GET" }],
  ])("%s is answered with HTTP %d", async (_what, status, headers) => {
    const { origin } = await start();
    expect((await callRaw(origin, TRACES, { headers, body: new Uint8Array() })).headers[":status"]).toBe(status);
  });
});

describe("hostile senders", () => {
  it.each<[string, () => Uint8Array]>([
    ["gzip", () => gzipSync(new Uint8Array(128 * MIB))],
    ["deflate", () => deflateSync(new Uint8Array(128 * MIB))],
    ["zstd", () => zstdBomb(1_024)],
  ])("a bomb in %s is too large and costs what the limit allows", async (encoding, makeBomb) => {
    const bomb = grpcFrame(makeBomb(), 1);
    const { origin } = await start({ maxBodyBytes: MIB });
    const before = process.memoryUsage().rss;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => callRaw(origin, TRACES, { headers: { "grpc-encoding": encoding }, body: bomb })),
    );
    expect(answers.map(grpcStatusOf)).toEqual(Array(8).fill(8));
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });

  it("messages that are half there count against the bytes in flight, and give them back when their sender leaves", async () => {
    const { origin, grpcPort, batches } = await start({ maxInFlightBytes: 100_000 });
    const session = connectHttp2(origin);
    session.on("error", () => {});
    const halves = Array.from({ length: 3 }, () => {
      const stream = session.request({ ":method": "POST", ":path": TRACES, "content-type": "application/grpc" });
      stream.on("error", () => {});
      stream.write(grpcFrame(new Uint8Array(60_000)).subarray(0, 40_000));
      return stream;
    });
    const turnedAway = async () => (await callGrpc(grpcPort, TRACES, new Uint8Array(50_000))).code;
    const until = async (code: number) => {
      for (let round = 0; round < 100; round += 1) {
        const answer = await turnedAway();
        if (answer === code) return answer;
        await sleep(20);
      }
      return null;
    };
    expect(await until(8)).toBe(8);
    for (const stream of halves) stream.destroy();
    // there is room again: now it is only undecodable
    expect(await until(3)).toBe(3);
    session.destroy();
    expect(batches()).toHaveLength(0);
  });

  it("a sender that dribbles is told to come back, and others are served meanwhile", async () => {
    const { origin, grpcPort } = await start({ timeouts: { bodyMs: 200 } });
    const session = connectHttp2(origin);
    const stream = session.request({ ":method": "POST", ":path": TRACES, "content-type": "application/grpc" });
    stream.on("error", () => {});
    stream.write(Uint8Array.of(0, 0, 0));
    const answered = new Promise((resolve) => stream.on("response", (headers) => resolve(headers["grpc-status"])));
    expect((await callGrpc(grpcPort, TRACES, bodies.traces)).code).toBe(0);
    expect(Number(await answered)).toBe(14);
    session.destroy();
  });

  it("a message in frames of one byte is accepted", async () => {
    const { origin, batches } = await start();
    const session = connectHttp2(origin);
    const stream = session.request({ ":method": "POST", ":path": TRACES, "content-type": "application/grpc" });
    for (const byte of grpcFrame(bodies.traces)) {
      stream.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    stream.end().resume();
    await new Promise((resolve) => stream.once("close", resolve));
    session.close();
    expect(batches()).toHaveLength(1);
  });

  it.each([
    ["HTTP/1", Buffer.from("POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")],
    ["bytes of no protocol", Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0d, 0x0a, 0x0d, 0x0a])],
  ])("%s ends only its own connection", async (_what, bytes) => {
    const { grpcPort } = await start();
    const socket = connect(grpcPort, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.write(bytes);
    await new Promise((resolve) => socket.once("close", resolve));
    expect((await callGrpc(grpcPort, TRACES, bodies.traces)).code).toBe(0);
  });

  it("one connection more than allowed is closed", async () => {
    const { grpcPort } = await start({ maxConnections: 1 });
    const first = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    await new Promise((resolve) => first.once("remoteSettings", resolve));
    const second = connect(grpcPort, "127.0.0.1");
    second.on("error", () => {}).resume();
    await new Promise((resolve) => second.once("close", resolve));
    first.close();
    await new Promise((resolve) => first.once("close", resolve));
    expect((await callGrpc(grpcPort, TRACES, bodies.traces)).code).toBe(0);
  });
});

describe("health", () => {
  const HealthClient = makeClientConstructor(healthService, "Health");
  const health = (port: number) => new HealthClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const check = (client: InstanceType<typeof HealthClient>, service: string) =>
    new Promise<unknown>((resolve) => {
      const answered = (error: { code: number } | null, answer: unknown) => resolve(error?.code ?? answer);
      client.check?.({ service }, answered);
    });

  it("says SERVING for every service and for all of them, without a token, and NOT_FOUND for others", async () => {
    const { grpcPort } = await start({ tokens: ["secret"], maxInFlightBytes: 1 });
    const client = health(grpcPort);
    for (const service of ["", ...Object.values(EXPORT_SERVICES)]) {
      expect(await check(client, service)).toEqual({ status: "SERVING" });
    }
    expect(await check(client, "another.Service")).toBe(5);
    const list = await new Promise((resolve) =>
      client.list?.({}, (_error: unknown, answer: unknown) => resolve(answer)),
    );
    expect(Object.keys((list as { statuses: object }).statuses)).toHaveLength(4);
    client.close();
  });

  it("tells who watches when the server is stopping", async () => {
    const { grpcPort, stop } = await start();
    const client = health(grpcPort);
    const seen: string[] = [];
    const watch = client.watch?.({ service: "" });
    const ended = new Promise<number>((resolve) => {
      watch?.on("data", ({ status }: { status: string }) => {
        seen.push(status);
        if (seen.length === 1) void stop();
      });
      watch?.on("error", ({ code }: { code: number }) => resolve(code));
    });
    expect(await ended).toBe(14);
    expect(seen).toEqual(["SERVING", "NOT_SERVING"]);
    client.close();
  });
});

it("a message that moves to a decode thread gives its bytes back", async () => {
  const { grpcPort, batches } = await start({ decodeThreads: 1, maxInFlightBytes: bodies.traces.length + 5 });
  for (let round = 0; round < 3; round += 1) {
    expect((await callGrpc(grpcPort, TRACES, bodies.traces)).code).toBe(0);
  }
  expect(batches()).toHaveLength(3);
});

describe("start and stop", () => {
  it("a call in flight is finished when the server stops, a new one is refused", async () => {
    let release = () => {};
    const durable = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { grpcPort, stop, jobs } = await start({
      add: async (job) => {
        jobs.push(job);
        await durable;
        return { id: "1" };
      },
    });
    const inFlight = callGrpc(grpcPort, TRACES, bodies.traces);
    while (jobs.length === 0) await sleep(5);
    const stopped = stop();
    const refused = await callGrpc(grpcPort, TRACES, bodies.traces);
    release();
    expect((await inFlight).code).toBe(0);
    expect(refused.code).toBe(14);
    await stopped;
  });

  it("a port that is taken is named with its setting, and the other port is let go", async () => {
    const { grpcPort } = await start();
    const second = { grpcPort, httpPort: 0 };
    await expect(startTestReceiver(second)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("HARBINGER_OTLP_GRPC_PORT"),
    });
  });

  it("is off when its setting says so", async () => {
    const { grpcPort, url } = await start({ grpcPort: "off" });
    expect(grpcPort).toBe(0);
    const type = { "content-type": "application/x-protobuf" };
    expect((await send(`${url}/v1/traces`, { headers: type, body: bodies.traces })).status).toBe(200);
  });
});
