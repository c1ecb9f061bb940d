/** A listening HTTP server that can be drained. */
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { HarbingerError } from "../errors.ts";

export interface HttpServer {
  /** without a trailing slash */
  url: string;
  port: number;
  /** Accepts no more connections, lets requests in flight finish, closes idle connections at once and all after the grace period. */
  stop(graceMs?: number): Promise<void>;
}

export interface HttpServerOptions {
  host: string;
  /** 0 takes a free one */
  port: number;
  /** the setting that an operator would change when the port is taken */
  portSetting: string;
}

/** @throws CONFLICT when the port is in use, INVALID_CONFIG when the address is not ours to listen on */
export async function startHttpServer(listener: RequestListener, options: HttpServerOptions): Promise<HttpServer> {
  let draining = false;
  const inFlight = new Set<ServerResponse>();
  // How often Node looks for connections that are over their time; its own half a minute doubles what we allow them.
  const server = createServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
    // Tells keep-alive clients to come back on a new connection, which reaches another process.
    if (draining) response.setHeader("Connection", "close");
    listener(request, response);
  });
  server.requestTimeout = 120_000;
  server.headersTimeout = 30_000;
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenFailure(error, options)));
    server.listen(options.port, options.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    port,
    stop: async (graceMs = 10_000) => {
      draining = true;
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

function explainListenFailure(error: Error, options: HttpServerOptions): HarbingerError {
  const code = "code" in error ? error.code : undefined;
  const where = `port ${options.port} on ${options.host}`;
  if (code === "EADDRINUSE") {
    return new HarbingerError("CONFLICT", `${where} is already in use; set ${options.portSetting} to another one`, {
      cause: error,
    });
  }
  return new HarbingerError("INVALID_CONFIG", `cannot listen on ${where} (${options.portSetting}): ${error.message}`, {
    cause: error,
  });
}
