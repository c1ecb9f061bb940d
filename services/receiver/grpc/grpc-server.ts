/** A gRPC server on node:http2 that can be drained. It is our own because the body of a call must count against the byte budget as it
 *  arrives and must be inflated on a decode thread, within its bound: grpc-js buffers and inflates on its own, for as many calls at
 *  once as there are senders (ADR 0011). Unary calls need little more than frames and trailers (grpc-answer.ts). */
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { type OpenServerOptions, openServer } from "../../platform/http/open-server.ts";
import type { Logger } from "../../platform/logger.ts";
import { answerHttp, answerStatus, UNKNOWN_METHOD } from "./grpc-answer.ts";

/** Answers one call. */
export type GrpcMethod = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => Promise<void>;

export interface GrpcServerOptions extends OpenServerOptions {
  /** a silent connection without calls is closed, one with calls is asked whether it is still there */
  idleMs?: number;
  logger: Logger;
}

export interface GrpcServer {
  url: string;
  port: number;
  /** Accepts no more calls, lets those in flight finish, and ends every connection after the grace period. */
  stop(graceMs?: number): Promise<void>;
}

const MAX_STREAMS_PER_CONNECTION = 100;
/** per call; more than HTTP/2's 64 KiB, so that a sender far away need not wait for an acknowledgement every 64 KiB */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const IDLE_MS = 5 * 60_000;
const PING_TIMEOUT_MS = 20_000;

/** @param methods by path
 *  @throws CONFLICT when the port is in use, INVALID_CONFIG when the address is not ours to listen on or TLS cannot be set up */
export async function startGrpcServer(
  methods: ReadonlyMap<string, GrpcMethod>,
  options: GrpcServerOptions,
): Promise<GrpcServer> {
  const { idleMs = IDLE_MS } = options;
  const settings = {
    maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION,
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxHeaderListSize: MAX_HEADER_BYTES,
  };
  /** and how many calls are open on each */
  const sessions = new Map<Http2Session, number>();
  let isStopping = false;
  const onSession = (session: Http2Session) => {
    sessions.set(session, 0);
    session.once("close", () => sessions.delete(session));
    // nobody listens on a session that fails: it is closed, and its calls with it
    session.on("error", () => {});
    session.setTimeout(idleMs);
    session.on("timeout", () => {
      onIdle(session, sessions.get(session) ?? 0);
      // neither the ping nor its answer counts as activity
      if (!session.destroyed) session.setTimeout(idleMs);
    });
    if (isStopping) session.close();
  };
  const countCall = (session: Http2Session, change: 1 | -1) => {
    const open = sessions.get(session);
    if (open !== undefined) sessions.set(session, open + change);
  };
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // a stream forgets its session when it closes
    const { session } = stream;
    if (session === undefined) return;
    countCall(session, 1);
    stream.once("close", () => countCall(session, -1));
    // what cannot be answered is a connection that is gone
    stream.on("error", () => {});
    answer(stream, headers, methods).catch((error: unknown) => {
      options.logger.error({ err: error }, "a call could not be answered");
      stream.destroy();
    });
  };
  const attend = <Kind extends Http2Server | Http2SecureServer>(server: Kind): Kind => {
    server.on("session", onSession).on("stream", onStream);
    return server;
  };
  const { url, port, close } = await openServer<Http2SecureServer, Http2Server>(options, {
    secure: (tls) => attend(createSecureServer({ settings, ...tls })),
    plain: () => attend(createServer({ settings })),
  });
  return {
    url,
    port,
    stop: async (graceMs = 10_000) => {
      isStopping = true;
      const closed = close(graceMs, () => {
        for (const session of sessions.keys()) session.destroy();
      });
      for (const session of sessions.keys()) session.close();
      await closed;
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  methods: ReadonlyMap<string, GrpcMethod>,
): Promise<void> {
  if (headers[":method"] !== "POST") return answerHttp(stream, 405);
  if (!/^application\/grpc(\+proto)?\s*(;|$)/i.test(headers["content-type"] ?? "")) return answerHttp(stream, 415);
  const method = methods.get(headers[":path"] ?? "");
  if (method === undefined) return answerStatus(stream, UNKNOWN_METHOD);
  await method(stream, headers);
}

/** A connection whose other end is gone without a word must not be kept for the calls that seem open on it. */
function onIdle(session: Http2Session, openCalls: number): void {
  if (session.closed || session.destroyed) return;
  if (openCalls === 0) {
    session.close();
    return;
  }
  const timer = setTimeout(() => session.destroy(), PING_TIMEOUT_MS);
  timer.unref();
  const isSent = session.ping(() => clearTimeout(timer));
  if (!isSent) clearTimeout(timer);
}
