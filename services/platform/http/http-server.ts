/** A listening HTTP server that can be drained. */
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type ListenOptions, listen } from "./listen.ts";
import { followTls, readTls, serverOptionsOf, type TlsSource } from "./tls.ts";

export interface HttpServer {
  /** without a trailing slash */
  url: string;
  port: number;
  /** Accepts no more connections, lets requests in flight finish, closes idle connections at once and all after the grace period. */
  stop(graceMs?: number): Promise<void>;
}

export interface HttpServerOptions extends ListenOptions {
  /** absent: in plain text */
  tls?: TlsSource;
  /** one more is closed; absent: as many as the system allows */
  maxConnections?: number;
  headersTimeoutMs?: number;
}

/** A head that dribbles is cut off after this. Connections are looked at every so often, Node's own default being 30 s. */
const HEADERS_TIMEOUT_MS = 15_000;
const CONNECTIONS_CHECKED_EVERY_MS = 5_000;

/** @throws CONFLICT when the port is in use, INVALID_CONFIG when the address is not ours to listen on or TLS cannot be set up */
export async function startHttpServer(listener: RequestListener, options: HttpServerOptions): Promise<HttpServer> {
  let draining = false;
  const inFlight = new Set<ServerResponse>();
  const onRequest: RequestListener = (request, response) => {
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
    // Tells keep-alive clients to come back on a new connection, which reaches another process.
    if (draining) response.setHeader("Connection", "close");
    listener(request, response);
  };
  const tls = options.tls === undefined ? null : { source: options.tls, first: await readTls(options.tls) };
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS } = options;
  const timeouts = {
    requestTimeout: 120_000,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, CONNECTIONS_CHECKED_EVERY_MS),
  };
  const secure = tls && createTlsServer({ ...timeouts, ...serverOptionsOf(tls.first) }, onRequest);
  const server = secure ?? createServer(timeouts, onRequest);
  // without a listener Node closes the connection of a CONNECT and says nothing
  server.on("connect", (_request, socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  const { port, authority } = await listen(server, options);
  const stopFollowing = tls && secure && followTls(secure, tls.source, tls.first);
  return {
    url: `${tls === null ? "http" : "https"}://${authority}`,
    port,
    stop: async (graceMs = 10_000) => {
      draining = true;
      stopFollowing?.();
      for (const response of inFlight) {
        if (!response.headersSent) response.setHeader("Connection", "close");
      }
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
