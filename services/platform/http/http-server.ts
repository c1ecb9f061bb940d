/** A listening HTTP server that can be drained. */
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type OpenServerOptions, openServer } from "./open-server.ts";

export interface HttpServer {
  /** without a trailing slash */
  url: string;
  port: number;
  /** Accepts no more connections, lets requests in flight finish, closes idle connections at once and all after the grace period. */
  stop(graceMs?: number): Promise<void>;
}

export interface HttpServerOptions extends OpenServerOptions {
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
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS } = options;
  const timeouts = {
    requestTimeout: 120_000,
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, CONNECTIONS_CHECKED_EVERY_MS),
  };
  const { server, url, port, close } = await openServer<TlsServer, Server>(options, {
    secure: (tls) => answerOddClients(createTlsServer({ ...timeouts, ...tls }, onRequest)),
    plain: () => answerOddClients(createServer(timeouts, onRequest)),
  });
  return {
    url,
    port,
    stop: async (graceMs = 10_000) => {
      draining = true;
      for (const response of inFlight) {
        if (!response.headersSent) response.setHeader("Connection", "close");
      }
      const closed = close(graceMs, () => server.closeAllConnections());
      server.closeIdleConnections();
      await closed;
    },
  };
}

function answerOddClients<Kind extends Server | TlsServer>(server: Kind): Kind {
  // without a listener Node closes the connection of a CONNECT and says nothing
  server.on("connect", (_request, socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  // a client that has said all it wants to say may still listen: Node would close on it before the answer
  return Object.assign(server, { httpAllowHalfOpen: true });
}
