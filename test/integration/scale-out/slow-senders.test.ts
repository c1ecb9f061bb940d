/** Senders that never finish their headers, or their bodies: the others are served as if they were not there, memory does not grow with
 *  what they announce, and they are cut off. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../helpers/cluster.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { createExporter } from "../../helpers/otlp-exporter.ts";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { openSlowSenders, type SlowSenders } from "../../helpers/slow-sender.ts";
import { expectBalance, settled } from "./settle.ts";

const MIB = 1024 * 1024;
const SLOW = 60;
const REQUESTS = 150;

let database: TestDatabase;
let harbinger: HarbingerProcess;
const slow: SlowSenders[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  harbinger = await startHarbinger({
    env: { HARBINGER_ROLES: "receiver,features", HARBINGER_LOG_LEVEL: "warn", DATABASE_URL: database.url },
  });
});
afterAll(async () => {
  for (const senders of slow) senders.close();
  await harbinger?.dispose();
  await database?.drop();
});

it("serves everyone else while slow senders dribble, and cuts those off", async () => {
  const load = otlpLoad({ seed: 1, fleet: "shop", services: 5, fromMs: Date.now() - 3_600_000, stepMs: 500 });
  const exporter = createExporter({ urls: () => [harbinger.otlpUrl], senders: 4, random: () => 1 });
  const deliver = () => exporter.deliver(take(load, REQUESTS));
  await deliver();
  const before = await memoryOf(harbinger);

  const line = "POST /v1/traces HTTP/1.1\r\nHost: receiver\r\n";
  // As large as bodies may be: together they announce 15 times what may be in flight.
  const json = `${line}Content-Type: application/json\r\nContent-Length: ${64 * MIB}\r\n\r\n{"resourceSpans":[`;
  const chunked = `${line}Content-Type: application/x-protobuf\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const inHeaders = openSlowSenders(SLOW, harbinger.otlpUrl, line, "X-Filler: abc\r\n");
  const inBody = openSlowSenders(SLOW, harbinger.otlpUrl, json, " ");
  const inChunks = openSlowSenders(SLOW, harbinger.otlpUrl, chunked, "1\r\na\r\n");
  slow.push(inHeaders, inBody, inChunks);

  await deliver();
  expect([...exporter.account.answers]).toEqual([[200, 2 * REQUESTS]]);
  expect(await memoryOf(harbinger)).toBeLessThan(before + 200 * MIB);
  expectBalance(await settled(database.url, () => harbinger.apiUrl, exporter.account.acknowledged), exporter.account);

  await eventually(
    () => [inHeaders.open(), inBody.open(), inChunks.open()],
    (open) => open.every((count) => count === 0),
    { what: "slow senders being cut off" },
  );
  // Who cannot finish now may come back; who cannot even say what it wants is told so.
  const statuses = (senders: SlowSenders) => new Set(senders.answers().map((answer) => answer.split(" ")[1]));
  expect(statuses(inHeaders)).toEqual(new Set(["408"]));
  expect(statuses(inBody)).toEqual(new Set(["503"]));
  expect(statuses(inChunks)).toEqual(new Set(["503"]));
  expect(inBody.answers().every((answer) => /^retry-after: \d+\r$/im.test(answer))).toBe(true);
  await deliver();
  expect([...exporter.account.answers]).toEqual([[200, 3 * REQUESTS]]);
}, 240_000);

function* take<T>(from: Iterator<T>, count: number): Generator<T> {
  for (let index = 0; index < count; index++) {
    const next = from.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** resident, in bytes */
async function memoryOf(process: HarbingerProcess): Promise<number> {
  const page = await (await fetch(`${process.apiUrl}/metrics`)).text();
  const bytes = Number(/^process_memory_usage\{[^}]*\} (\S+)/m.exec(page)?.[1]);
  if (!(bytes > 0)) throw new Error("no memory on the page");
  return bytes;
}
