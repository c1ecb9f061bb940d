import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems hand out by themselves (from 32768 on Linux): what is found free here is not given to another program's
 *  connection before it is used. */
const FIRST_PORT = 12_000;
/** Test files that run at once look in different stretches. */
const STRETCH = 1_000;
const STRETCHES = 20;

let next = process.pid % STRETCH;

/** @returns a TCP port of 127.0.0.1 that nothing listens on, another one each time */
export async function freePort(): Promise<number> {
  const stretch = Number(process.env.VITEST_POOL_ID ?? 0) % STRETCHES;
  for (let attempt = 0; attempt < STRETCH; attempt += 1) {
    next = (next + 1) % STRETCH;
    const port = FIRST_PORT + stretch * STRETCH + next;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${FIRST_PORT + stretch * STRETCH} on`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
