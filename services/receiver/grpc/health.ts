/** grpc.health.v1.Health (https://github.com/grpc/grpc/blob/master/doc/health-checking.md): Check, Watch and List. It asks for no token,
 *  because probes have none, and takes nothing from the byte budget, because an overloaded receiver is healthy.
 *
 *      HealthCheckRequest { service = 1 }    HealthCheckResponse { status = 1 }    HealthListResponse { map<string, …> statuses = 1 } */
import type { ServerHttp2Stream } from "node:http2";
import { RPC_CODE } from "../../../models/telemetry/export-response.ts";
import { WIRE_BYTES, WireReader } from "../../../models/telemetry/wire-reader.ts";
import { messageField, textField, varintField } from "../../../models/telemetry/wire-writer.ts";
import { answerMessage, answerStatus, type MessageStream, startMessageStream } from "./grpc-answer.ts";
import type { GrpcMethod } from "./grpc-server.ts";
import { readMessage } from "./read-message.ts";

const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

const MAX_REQUEST_BYTES = 4 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const UNBOUNDED = { take: () => true, give: () => {}, inUse: () => 0 };

export interface Health {
  /** by path */
  methods: Map<string, GrpcMethod>;
  /** Says NOT_SERVING from now on and ends every Watch, which would keep its connection open. */
  drain(): void;
}

/** @param services that are served; the empty name stands for all of them */
export function createHealth(services: readonly string[]): Health {
  const known = new Set(["", ...services]);
  const watchers = new Set<MessageStream>();
  let status = SERVING;

  const method = (answer: (stream: ServerHttp2Stream, service: string) => void): GrpcMethod => {
    return async (stream) => {
      try {
        answer(stream, await readServiceName(stream));
      } catch {
        answerStatus(stream, { code: RPC_CODE.invalidArgument, message: "the request is not a HealthCheckRequest" });
      }
    };
  };

  function check(stream: ServerHttp2Stream, service: string): void {
    if (known.has(service)) answerMessage(stream, response(status));
    else answerStatus(stream, { code: RPC_CODE.notFound, message: "there is no such service here" });
  }

  function watch(stream: ServerHttp2Stream, service: string): void {
    if (stream.destroyed) return;
    const watcher = startMessageStream(stream);
    watcher.write(response(known.has(service) ? status : SERVICE_UNKNOWN));
    if (status === NOT_SERVING) watcher.end(GOING_AWAY);
    watchers.add(watcher);
    stream.once("close", () => watchers.delete(watcher));
  }

  function list(stream: ServerHttp2Stream): void {
    const entries = [...known].flatMap((name) =>
      messageField(1, [...textField(1, name), ...messageField(2, varintField(1, status))]),
    );
    answerMessage(stream, Uint8Array.from(entries));
  }

  return {
    methods: new Map([
      ["/grpc.health.v1.Health/Check", method(check)],
      ["/grpc.health.v1.Health/Watch", method(watch)],
      ["/grpc.health.v1.Health/List", method(list)],
    ]),
    drain: () => {
      status = NOT_SERVING;
      for (const watcher of watchers) {
        watcher.write(response(NOT_SERVING));
        watcher.end(GOING_AWAY);
      }
    },
  };
}

const GOING_AWAY = { code: RPC_CODE.unavailable, message: "the server is stopping" };

const response = (status: number): Uint8Array => Uint8Array.from(varintField(1, status));

async function readServiceName(stream: ServerHttp2Stream): Promise<string> {
  const { bytes } = await readMessage(stream, {
    maxBytes: MAX_REQUEST_BYTES,
    timeoutMs: REQUEST_TIMEOUT_MS,
    budget: UNBOUNDED,
  });
  const reader = new WireReader(bytes);
  let name = "";
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    if (tag === ((1 << 3) | WIRE_BYTES)) {
      const end = reader.limit(bytes.length);
      name = reader.text(reader.pos, end);
      reader.pos = end;
    } else reader.skip(tag, bytes.length);
    reader.ensureWithin(bytes.length);
  }
  return name;
}
