/** Records what the official exporters send: `node --import tsx test/golden/receiver/record.ts && npm run format`. Run it when the
 *  exporters are updated, and read the difference in `recorded/` before committing it.
 *
 *  Files are `<signal>.<way>.bin`: the bytes of the body as they arrive, so that `-gzip` ones are compressed, and gRPC's are frames
 *  with their prefix of five bytes. `<signal>.batch.json` is what all ways of a signal must give. */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { summarise } from "../../../models/telemetry/summarise.ts";
import { type ExportOptions, exportWithOfficialSdk } from "../../helpers/otlp-recorder.ts";
import { bodyOf, SIGNALS, type Way } from "../../helpers/recorded-exports.ts";
import { options } from "../../helpers/summarise-options.ts";

const OUTPUT = new URL("./recorded/", import.meta.url);
const MINUTE_MS = 60_000;
const ENOUGH_MS = 30_000;

/** metrics carry the time of recording, and all ways must fall into one window */
const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS);
if (leftMs < ENOUGH_MS) await sleep(leftMs + 1);
const recordedAtMs = Date.now();

const recordings = new Map<string, Buffer>();
for (const compression of ["none", "gzip"] as const) {
  await record("protobuf", compression);
  await record("json", compression);
  await record("grpc", compression);
}

await mkdir(OUTPUT, { recursive: true });
for (const [name, body] of recordings) await writeFile(new URL(name, OUTPUT), body);
for (const signal of SIGNALS) {
  const recorded = recordings.get(`${signal}.protobuf.bin`);
  if (recorded === undefined) throw new Error(`no ${signal} arrived`);
  const batch = summarise(signal, recorded, "protobuf", options({ receivedAtMs: recordedAtMs }));
  await writeFile(new URL(`${signal}.batch.json`, OUTPUT), `${JSON.stringify(batch, null, 2)}\n`);
}

async function record(encoding: ExportOptions["encoding"], compression: ExportOptions["compression"]): Promise<void> {
  const way: Way = compression === "gzip" ? `${encoding}-gzip` : encoding;
  const bodies = new Map<string, Buffer>();
  const keep = (path: string, body: Buffer) => {
    // /v1/traces, or /opentelemetry.proto.collector.trace.v1.TraceService/Export
    const signal = SIGNALS.find((each) => path.includes(each === "traces" ? "trace" : each));
    if (signal === undefined) throw new Error(`no signal has the path ${path}`);
    bodies.set(`${signal}.${way}.bin`, body);
  };
  const server = encoding === "grpc" ? grpcServer(keep) : httpServer(encoding, keep);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // a server that listens on a port has an address of this shape
  const { port } = server.address() as AddressInfo;
  await exportWithOfficialSdk({ url: `http://127.0.0.1:${port}`, encoding, compression, atMs: recordedAtMs });
  server.close();

  for (const signal of SIGNALS) {
    const body = bodies.get(`${signal}.${way}.bin`);
    if (body === undefined) throw new Error(`no ${signal} arrived by ${way}`);
    if (bodyOf(way, body).length === 0) throw new Error(`the ${signal} that arrived by ${way} are empty`);
    recordings.set(`${signal}.${way}.bin`, body);
  }
}

function httpServer(encoding: ExportOptions["encoding"], keep: (path: string, body: Buffer) => void): Server {
  return createHttpServer(async (request, response) => {
    keep(request.url ?? "", await readAll(request));
    response.writeHead(200, { "content-type": request.headers["content-type"] }).end(encoding === "json" ? "{}" : "");
  });
}

/** HTTP/2 without gRPC on top, which would take the frame off its message. */
function grpcServer(keep: (path: string, body: Buffer) => void): Server {
  const server = createHttp2Server();
  server.on("stream", async (stream: ServerHttp2Stream, headers) => {
    keep(String(headers[":path"]), await readAll(stream));
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
  return server;
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
