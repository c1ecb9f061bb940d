/** What senders do to HTTP connections, by mistake or on purpose. */
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startHttpServer } from "../../../services/platform/http/http-server.ts";
import { asJson, nanos, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { send } from "../../helpers/receiver.ts";
import { receiverPerTest } from "../../helpers/receiver-per-test.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";

const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };
const json = asJson(tracesRequest([{ kind: 2, endTimeUnixNano: nanos(NOW_MS) }]));

const start = receiverPerTest();

/** @returns what came until the other end closed the connection */
async function everythingFrom(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => {});
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

describe("HTTP connections", () => {
  it("a sender that dribbles is given up, and others are served meanwhile", async () => {
    const { url, port } = await start({ timeouts: { bodyMs: 200 } });
    const socket = connect(port, "127.0.0.1");
    const received: Buffer[] = [];
    socket.on("data", (chunk) => received.push(chunk));
    socket.write(
      "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    );
    expect((await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: json })).status).toBe(200);
    for (let round = 0; round < 100 && received.length === 0; round += 1) await sleep(20);
    expect(Buffer.concat(received).toString()).toMatch(/^HTTP\/1\.1 503 /);
    socket.destroy();
  });

  it("a sender that closes its own side after the request still gets its answer", async () => {
    const { port, jobs } = await start();
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(
      Buffer.concat([
        Buffer.from(
          `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n`,
        ),
        json,
      ]),
    );
    socket.on("end", () => socket.destroy());
    expect(await everythingFrom(socket)).toMatch(/^HTTP\/1\.1 200 /);
    expect(jobs).toHaveLength(1);
  });

  it("a sender that leaves in the middle gives its bytes back", async () => {
    const { url, port, jobs } = await start({ maxInFlightBytes: json.length });
    for (let round = 0; round < 5; round += 1) {
      const socket = connect(port, "127.0.0.1");
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n`,
      );
      socket.write(json.subarray(0, 40));
      await sleep(20);
      socket.destroy();
    }
    await sleep(50);
    expect((await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: json })).status).toBe(200);
    expect(jobs).toHaveLength(1);
  });

  it("bytes that are not HTTP get an answer and end only their connection", async () => {
    const { url, port } = await start();
    const socket = connect(port, "127.0.0.1");
    const received: Buffer[] = [];
    socket.on("data", (chunk) => received.push(chunk)).on("error", () => {});
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0d, 0x0a, 0x0d, 0x0a]));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(Buffer.concat(received).toString()).toMatch(/^HTTP\/1\.1 400 /);
    expect((await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: json })).status).toBe(200);
  });

  it("an early answer reaches a sender that is still writing", async () => {
    const { url } = await start({ maxBodyBytes: 10_000 });
    const chunks = Array.from({ length: 64 }, () => new Uint8Array(64 * 1024));
    const answer = await send(`${url}/v1/traces`, {
      headers: { ...PROTOBUF, "transfer-encoding": "chunked" },
      body: chunks,
    });
    expect(answer.status).toBe(413);
    expect(answer.headers.connection).toBe("close");
  });

  it("a head that dribbles is cut off", async () => {
    const server = await startHttpServer((_request, response) => response.end(), {
      host: "127.0.0.1",
      port: 0,
      portSetting: "NONE",
      headersTimeoutMs: 200,
    });
    const socket = connect(server.port, "127.0.0.1");
    socket.write("POST /v1/traces HTTP/1.1\r\nHost: x\r\n");
    const dribble = setInterval(() => socket.write("X-More: 1\r\n"), 20);
    expect(await everythingFrom(socket)).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dribble);
    await server.stop();
  });

  it("one connection more than allowed is closed, and there is room again when one leaves", async () => {
    const { url, port } = await start({ maxConnections: 1 });
    const first = connect(port, "127.0.0.1");
    await once(first, "connect");
    expect(await everythingFrom(connect(port, "127.0.0.1"))).toBe("");
    first.destroy();
    const accepted = async () =>
      (await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: json }).catch(() => null))?.status ?? null;
    let status = await accepted();
    for (let round = 0; round < 50 && status === null; round += 1) {
      await sleep(10);
      status = await accepted();
    }
    expect(status).toBe(200);
  });

  it("one connection serves many requests until the receiver stops, and the last answer says so", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let release = () => {};
    let durable: Promise<void> | null = null;
    const { url, stop, jobs } = await start({
      add: async (job) => {
        jobs.push(job);
        await durable;
        return { id: "1" };
      },
    });
    const post = () =>
      new Promise<{ connection: string | undefined; isReused: boolean }>((resolve, reject) => {
        const outgoing = httpRequest(`${url}/v1/traces`, { method: "POST", headers: JSON_TYPE, agent }, (incoming) => {
          const answer = { connection: incoming.headers.connection, isReused: outgoing.reusedSocket };
          incoming.resume().once("end", () => resolve(answer));
        });
        outgoing.on("error", reject);
        outgoing.end(json);
      });
    expect(await post()).toEqual({ connection: "keep-alive", isReused: false });
    expect(await post()).toEqual({ connection: "keep-alive", isReused: true });
    durable = new Promise((resolve) => {
      release = resolve;
    });
    const last = post();
    while (jobs.length < 3) await sleep(5);
    const stopped = stop();
    release();
    expect(await last).toEqual({ connection: "close", isReused: true });
    await stopped;
    agent.destroy();
  });
});
