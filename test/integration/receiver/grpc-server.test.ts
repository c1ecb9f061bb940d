/** The gRPC server below any service: connections that fall silent, and bytes that no client would send. */
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { answerMessage } from "../../../services/receiver/grpc/grpc-answer.ts";
import { type GrpcServer, startGrpcServer } from "../../../services/receiver/grpc/grpc-server.ts";
import { callGrpc, callRaw, grpcFrame } from "../../helpers/grpc-client.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

let server: GrpcServer | undefined;
afterEach(async () => {
  await server?.stop(0);
  server = undefined;
});

async function start(options: { idleMs?: number } = {}): Promise<GrpcServer> {
  const methods = new Map([
    ["/test/Echo", async (stream: Parameters<typeof answerMessage>[0]) => answerMessage(stream, Uint8Array.of(1))],
    ["/test/Wait", () => new Promise<void>(() => {})],
    ["/test/Throw", () => Promise.reject(new Error("nobody foresaw this"))],
  ]);
  server = await startGrpcServer(methods, {
    host: "127.0.0.1",
    port: 0,
    portSetting: "NONE",
    maxConnections: 100,
    logger: silentLogger,
    ...options,
  });
  return server;
}

describe("silence", () => {
  it("ends a connection without calls", async () => {
    const { url } = await start({ idleMs: 50 });
    const session = connectHttp2(url);
    await once(session, "close");
    expect(session.destroyed).toBe(true);
  });

  it("makes the server ask whether a caller is still there, again and again", async () => {
    const { url } = await start({ idleMs: 50 });
    const session = connectHttp2(url);
    const stream = session.request({ ":method": "POST", ":path": "/test/Wait", "content-type": "application/grpc" });
    stream.on("error", () => {});
    await once(session, "ping");
    await once(session, "ping");
    expect(session.closed).toBe(false);
    session.destroy();
  });
});

it("a method that throws ends its own call and no other", async () => {
  const { port } = await start();
  expect((await callGrpc(port, "/test/Throw", Uint8Array.of(1))).code).not.toBe(0);
  expect((await callGrpc(port, "/test/Echo", Uint8Array.of(1))).code).toBe(0);
});

it("no bytes stop the server: a recorded call, changed in a few places", async () => {
  const { url, port } = await start();
  const recorded = await recordCall(port);
  const change = fc.record({ at: fc.nat({ max: recorded.length - 1 }), byte: fc.nat({ max: 255 }) });
  const property = fc.asyncProperty(
    fc.array(change, { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: recorded.length }),
    async (changes, length) => {
      const bytes = Buffer.from(recorded.subarray(0, length));
      for (const { at, byte } of changes) if (at < length) bytes[at] = byte;
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {}).resume();
      socket.end(bytes);
      await Promise.race([once(socket, "close"), sleep(50)]);
      socket.destroy();
    },
  );
  await fc.assert(property, { numRuns: 300 });
  const answer = await callRaw(url, "/test/Echo", { body: grpcFrame(Uint8Array.of(1)) });
  expect(answer.body).toEqual(grpcFrame(Uint8Array.of(1)));
});

/** What a client sends for one call, taken down on its way to the server. */
async function recordCall(port: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("data", (chunk) => chunks.push(chunk));
    client.pipe(upstream).pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const proxyPort = typeof address === "object" && address !== null ? address.port : 0;
  await callRaw(`http://127.0.0.1:${proxyPort}`, "/test/Echo", { body: grpcFrame(new Uint8Array(100)) });
  for (const socket of sockets) socket.destroy();
  proxy.close();
  return Buffer.concat(chunks);
}
