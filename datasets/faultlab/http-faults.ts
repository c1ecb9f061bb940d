/** Local servers that misbehave on purpose: an HTTP server that answers what its path asks for, and raw sockets that are silent, reset,
 *  talk nonsense or show a self-signed certificate. All listen on 127.0.0.1, on free ports. */
import { createServer as createHttpServer, STATUS_CODES } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

export interface FaultyServers {
  /** answers /status/<code>, /stall, /html, /cut, /empty, /latin1 */
  httpPort: number;
  /** accepts and never says a word */
  silentPort: number;
  /** resets after the first byte */
  resetPort: number;
  /** hangs up after the first byte */
  closingPort: number;
  /** answers with bytes of no protocol */
  garbagePort: number;
  /** self-signed and for another name */
  tlsPort: number;
  /** nobody listens */
  refusedPort: number;
  close(): Promise<void>;
}

const BODIES: Readonly<Record<number, string>> = {
  400: '{"error":"bad_request","message":"field quantity must be positive"}',
  401: '{"error":"invalid_token","message":"The access token expired"}',
  403: '{"error":"forbidden","message":"role clerk may not approve"}',
  404: '{"error":"not_found","message":"no such document"}',
  409: '{"error":"conflict","message":"already processed"}',
  412: '{"error":"precondition_failed","message":"etag does not match"}',
  422: '{"errors":[{"field":"zip","code":"invalid"}]}',
  429: '{"error":"rate_limited","message":"Rate limit exceeded, retry in 30 seconds"}',
  502: "<html><body><h1>502 Bad Gateway</h1></body></html>",
  503: "no healthy upstream",
  504: "upstream request timeout",
};

/** @param identity PEM of a key and of a certificate that nobody trusts */
export async function startFaultyServers(identity: { key: string; cert: string }): Promise<FaultyServers> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = async (server: Server): Promise<number> => {
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    });
    servers.push(server);
    return await portOf(server);
  };
  const onFirstByte = (react: (socket: Socket) => void): Server =>
    createServer((socket) => socket.once("data", () => react(socket)));
  const ports = {
    httpPort: await listen(httpServer()),
    silentPort: await listen(createServer()),
    resetPort: await listen(onFirstByte((socket) => socket.resetAndDestroy())),
    closingPort: await listen(onFirstByte((socket) => socket.end())),
    garbagePort: await listen(onFirstByte((socket) => socket.end("\u0003\u0000\u0000\u0013 not a protocol\r\n"))),
    tlsPort: await listen(createTlsServer(identity, (socket) => socket.on("error", () => {}).end())),
  };
  const refusedPort = await portOf(createServer(), { keep: false });
  return {
    ...ports,
    refusedPort,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function httpServer(): Server {
  return createHttpServer((request, response) => {
    const path = request.url ?? "/";
    const status = Number(/^\/status\/(\d{3})/.exec(path)?.[1] ?? 200);
    if (path.startsWith("/stall")) return;
    if (path.startsWith("/html")) return void response.end("<!DOCTYPE html><html><body>Please sign in</body></html>");
    if (path.startsWith("/cut")) return void response.end('{"rate": 1.07, "currency": "EU');
    if (path.startsWith("/empty")) return void response.end("");
    if (path.startsWith("/latin1")) return void response.end(Buffer.from([0x7b, 0x22, 0xe4, 0xff, 0x22, 0x7d]));
    response.writeHead(status, STATUS_CODES[status], { "content-type": "application/json" });
    response.end(BODIES[status] ?? '{"status":"ok"}');
  });
}

async function portOf(server: Server, { keep = true } = {}): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  // A TCP server that listens has an address of this kind.
  const { port } = server.address() as AddressInfo;
  if (!keep) await new Promise((resolve) => server.close(resolve));
  return port;
}
