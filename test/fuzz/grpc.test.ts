/** Calls that are hardly gRPC: frames that lie about themselves, damaged messages, strange headers, and frames of HTTP/2 that no
 *  client sends. Each call is answered with a status that a sender can cause, and each connection lives or is closed. */
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect as connectSocket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Signal } from "../../models/telemetry/records.ts";
import { summarise } from "../../models/telemetry/summarise.ts";
import { startTestReceiver, type TestReceiver } from "../helpers/receiver.ts";
import { recordedBytes } from "../helpers/recorded-exports.ts";
import { options } from "../helpers/summarise-options.ts";
import { createCorpus } from "./corpus.ts";
import { createMemoryWatch } from "./memory-watch.ts";
import { below, byteMutations, concat, oneOf, type Random } from "./mutate-bytes.ts";
import { createMutator } from "./mutator.ts";
import { createTally, inputs, randomOf, seed } from "./plan.ts";

/** some samples are larger */
const MAX_BODY_BYTES = 8 * 1024;
const CONCURRENCY = 16;
const PATIENCE_MS = 15_000;

const PATHS: Readonly<Record<Signal, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
};
const BAD_PATHS = [
  "/",
  "/Export",
  "/opentelemetry.proto.collector.trace.v1.TraceService/",
  "//x",
  "/grpc.health.v1.Health/Nothing",
  "/%00",
];

/** grpc-status: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED, and INTERNAL, which gRPC gives to compression that was not
 *  declared; never UNKNOWN. A body that does not come is UNAVAILABLE. */
const STATUSES = [0, 3, 8, 12, 13, 14];

interface Call {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: Uint8Array;
  /** what answers are right; those of the table when it does not matter which */
  expected: readonly (number | "HTTP 405" | "HTTP 415")[];
  how: string;
}

function createCaller(random: Random): () => Call {
  const corpus = createCorpus().filter(({ encoding }) => encoding === "protobuf");
  const next = createMutator(corpus, random);
  return () => {
    const { signal, body: message, name, how } = next();
    const isCompressed = random() < 0.4;
    const framed = frame(isCompressed ? gzipSync(message) : message, isCompressed ? 1 : 0);
    const call: Call = {
      path: PATHS[signal],
      method: "POST",
      headers: { "content-type": oneOf(random, ["application/grpc", "application/grpc+proto"]), te: "trailers" },
      body: framed,
      expected: [message.length > MAX_BODY_BYTES ? 8 : isRead(signal, message) ? 0 : 3],
      how: [name, ...how].join(", "),
    };
    if (isCompressed) call.headers["grpc-encoding"] = "gzip";
    const wrong = random();
    if (wrong < 0.06) Object.assign(call, { path: oneOf(random, BAD_PATHS), expected: [12] });
    else if (wrong < 0.1)
      Object.assign(call, { method: oneOf(random, ["GET", "PUT", "OPTIONS"]), expected: ["HTTP 405"] });
    else if (wrong < 0.14) {
      call.headers["content-type"] = oneOf(random, ["application/json", "text/plain", "application/grpc-web", "x"]);
      call.expected = ["HTTP 415"];
    } else if (wrong < 0.18) {
      call.headers["grpc-encoding"] = oneOf(random, ["br", "snappy", "gzip,gzip", ""]);
      call.expected = STATUSES;
    } else if (wrong < 0.24) {
      // compressed, says the flag, and no header says how
      delete call.headers["grpc-encoding"];
      Object.assign(call, { body: frame(isCompressed ? gzipSync(message) : message, 1), expected: STATUSES });
    } else if (wrong < 0.5) Object.assign(call, { body: liar(framed, random), expected: STATUSES });
    if (random() < 0.1) call.headers["grpc-timeout"] = oneOf(random, ["1S", "0m", "99999999H", "x", "-1S", "1n"]);
    return call;
  };
}

const frame = (message: Uint8Array, flag: number, length = message.length): Uint8Array => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag, 0);
  prefix.writeUInt32BE(length, 1);
  return concat(prefix, message);
};

/** A frame whose prefix does not say what follows. */
function liar(framed: Uint8Array, random: Random): Uint8Array {
  const message = framed.subarray(5);
  const lies: (() => Uint8Array)[] = [
    () =>
      frame(
        message,
        framed[0] ?? 0,
        oneOf(random, [0, 1, message.length + 1, Math.max(0, message.length - 1), 2 ** 31, 2 ** 32 - 1]),
      ),
    () => frame(message, below(random, 256)),
    () => framed.subarray(0, below(random, Math.min(framed.length, 8))),
    () => framed.subarray(0, below(random, framed.length + 1)),
    () => concat(framed, framed),
    () => concat(framed, framed.subarray(0, below(random, 6))),
    () => oneOf(random, Object.values(byteMutations))(framed, message, random),
  ];
  return oneOf(random, lies)();
}

let receiver: TestReceiver;
let port: number;
beforeAll(async () => {
  receiver = await startTestReceiver({ maxBodyBytes: MAX_BODY_BYTES, timeouts: { bodyMs: 1_000 } });
  const given: unknown = Reflect.get(receiver, "grpcPort");
  if (typeof given !== "number" || given === 0) throw new Error("the receiver has no gRPC port");
  port = given;
});
afterAll(() => receiver.stop());

const memory = createMemoryWatch();
afterAll(memory.print);

it("every call is answered", async () => {
  const next = createCaller(randomOf("grpc"));
  const tally = createTally("gRPC calls");
  const count = inputs(0.06);
  let index = 0;
  async function callOnes(): Promise<void> {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", () => {});
    while (index < count) {
      const at = index;
      index += 1;
      if (at === count >> 1) memory.start();
      const call = next();
      const answer = await callOn(session, call).catch((error: Error) => `no answer: ${error.message}`);
      const where = `seed ${seed}, input ${at} (${call.how})\n${call.method} ${call.path} ${JSON.stringify(call.headers)}\nbase64: ${Buffer.from(call.body).toString("base64")}`;
      expect(call.expected, where).toContain(answer);
      tally.add(`status ${answer}`);
      receiver.jobs.length = 0;
    }
    await new Promise<void>((resolve) => session.close(resolve));
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, callOnes));
  tally.print();
  memory.check();
  for (const status of [0, 3, 8, 12, "HTTP 405", "HTTP 415"])
    expect(tally.counts.get(`status ${status}`)).toBeGreaterThan(0);
});

it("HTTP/2 that no client speaks ends its own connection only", async () => {
  const random = randomOf("http2");
  const tally = createTally("HTTP/2 connections");
  const count = inputs(0.01);
  let index = 0;
  async function connectOnes(): Promise<void> {
    while (index < count) {
      index += 1;
      tally.add(await exchange(strangeHttp2(random)));
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, connectOnes));
  tally.print();
  expect(tally.counts.get("answered and closed")).toBeGreaterThan(0);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const recorded = {
    path: PATHS.traces,
    method: "POST",
    headers: { "content-type": "application/grpc", te: "trailers" },
  };
  expect(await callOn(session, { ...recorded, body: recordedBytes("traces", "grpc"), expected: [0], how: "" })).toBe(0);
  await new Promise<void>((resolve) => session.close(resolve));
});

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** https://www.rfc-editor.org/rfc/rfc9113#section-4.1: length 24, type 8, flags 8, stream 32, payload */
function http2Frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
  length = payload.length,
): Uint8Array {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return concat(header, payload);
}

function strangeHttp2(random: Random): Uint8Array {
  const noise = (most: number) => Uint8Array.from({ length: below(random, most) }, () => below(random, 256));
  const frames = Array.from({ length: 1 + below(random, 8) }, () =>
    http2Frame(
      below(random, 12),
      oneOf(random, [0, 1, 4, 5, 8, 0x20, 0xff]),
      oneOf(random, [0, 1, 2, 3, 2 ** 31 - 1, 2 ** 32 - 1]),
      noise(80),
      ...(random() < 0.2 ? [oneOf(random, [0, 1, 16_385, 2 ** 24 - 1])] : []),
    ),
  );
  const start = random() < 0.85 ? concat(PREFACE, http2Frame(4, 0, 0, new Uint8Array())) : noise(40);
  return concat(start, ...frames);
}

/** @returns grpc-status, or `HTTP …` when the answer is none of gRPC's */
function callOn(session: ClientHttp2Session, call: Call): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ":method": call.method, ":path": call.path, ...call.headers },
      { endStream: false },
    );
    let answer: number | string | null = null;
    const read = (headers: IncomingHttpHeaders & { ":status"?: number }) => {
      const status = headers["grpc-status"];
      if (status !== undefined) answer = Number(status);
      else if (headers[":status"] !== undefined && headers[":status"] !== 200) answer = `HTTP ${headers[":status"]}`;
    };
    stream.setTimeout(PATIENCE_MS, () => stream.destroy(new Error("it hung")));
    stream.on("response", read);
    stream.on("trailers", read);
    // a server that has answered may stop the sender
    stream.on("error", (error) => (answer === null ? reject(error) : resolve(answer)));
    stream.on("close", () => (answer === null ? reject(new Error("the stream closed")) : resolve(answer)));
    stream.resume();
    stream.end(call.body);
  });
}

/** @returns what became of the connection. One that may still bring calls is left open, until it has been idle for too long */
function exchange(sent: Uint8Array): Promise<"answered and closed" | "closed" | "left open"> {
  return new Promise((resolve) => {
    let isAnswered = false;
    const socket = connectSocket(port, "127.0.0.1");
    const leave = setTimeout(() => {
      resolve("left open");
      socket.destroy();
    }, 250);
    socket.on("error", () => {});
    socket.on("data", () => {
      isAnswered = true;
    });
    socket.once("close", () => {
      clearTimeout(leave);
      resolve(isAnswered ? "answered and closed" : "closed");
    });
    socket.write(sent);
  });
}

function isRead(signal: Signal, message: Uint8Array): boolean {
  try {
    summarise(signal, message, "protobuf", options());
    return true;
  } catch {
    // that it is a proper refusal is decode.test.ts's matter
    return false;
  }
}
