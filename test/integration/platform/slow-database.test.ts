import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { sql } from "kysely";
import { afterEach, expect, inject, it } from "vitest";
import { type DatabaseHandle, openDatabase } from "../../../services/platform/store/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

let server: Server | undefined;
let database: DatabaseHandle | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  await database?.close();
  for (const socket of sockets) socket.destroy();
  server?.close();
});

/** In front of the real server: takes the first connections and says nothing to them. @returns the address to connect to */
async function listenInFront(silentConnections: number): Promise<string> {
  const real = new URL(inject("databaseServerUrl"));
  let seen = 0;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (++seen <= silentConnections) return;
    const onward = connect(Number(real.port), real.hostname);
    sockets.add(onward);
    onward.on("error", () => {});
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const front = new URL(real);
  front.hostname = "127.0.0.1";
  front.port = String((server.address() as AddressInfo).port);
  return front.href;
}

const open = (url: string, totalMs: number) =>
  openDatabase({
    ...{ url, maxConnections: 2, applicationName: "test", logger: silentLogger },
    patience: { attemptMs: 300, totalMs },
  });

it("a server that does not answer at first is asked again", async () => {
  const url = await listenInFront(2);
  database = await open(url, 60_000);
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(database.db);
  expect(rows).toEqual([{ one: 1 }]);
});

it("one that never answers is given up in time, and one that refuses at once", async () => {
  const url = await listenInFront(Number.POSITIVE_INFINITY);
  await expect(open(url, 700)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(open("postgres://nobody@127.0.0.1:1/x", 600_000)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
