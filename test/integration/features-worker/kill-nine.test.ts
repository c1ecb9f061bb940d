/** The promise under test: what was acknowledged is counted exactly once, whatever moment the process is killed at. The program runs as
 *  its users run it, on its embedded PostgreSQL, and dies by SIGKILL while requests are on their way. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { int, nanos, resource, text, tracesRequest } from "../../helpers/otlp-payloads.ts";

const KILLS = 6;
const SENDERS = 4;
const SERVICE = "kill-nine";
const ENVIRONMENT = {
  HARBINGER_ROLES: "receiver,features,inference",
  HARBINGER_WINDOW_SIZE: "1s",
  HARBINGER_LOG_LEVEL: "warn",
};

interface Sent {
  body: string;
  requests: number;
  acknowledged: boolean;
}

const folder = mkdtemp(join(tmpdir(), "harbinger-kill-nine-"));
let running: HarbingerProcess | undefined;
afterAll(async () => {
  await running?.stop();
  await rm(await folder, { recursive: true, force: true });
});

it("counts every acknowledged request exactly once through repeated kill -9", { timeout: 400_000 }, async () => {
  const sent: Sent[] = [];
  for (let life = 0; life <= KILLS; life++) {
    running = await start();
    const isDead = new AbortController();
    const sending = Promise.all(Array.from({ length: SENDERS }, () => sendUntil(isDead.signal, running, sent)));
    // Not the same moment twice: in the first burst, amid merging, after windows have closed.
    await sleep(300 + Math.random() * 2_500);
    if (life < KILLS) await running.kill();
    isDead.abort();
    await sending;
  }
  const last = running;
  if (last === undefined) throw new Error("nothing runs");
  // What was not acknowledged is sent again, as an exporter would; it may have been counted already.
  for (const one of sent) if (!one.acknowledged) await send(last, one);
  expect(sent.every((one) => one.acknowledged)).toBe(true);

  const expected = sent.reduce((sum, one) => sum + one.requests, 0);
  expect(sent.length).toBeGreaterThan(KILLS * 5);
  // Jobs that a killed worker held come back when their locks have expired.
  const deadline = Date.now() + 120_000;
  while ((await countRequests(last)) < expected && Date.now() < deadline) await sleep(500);
  expect(await countRequests(last)).toBe(expected);

  // Nothing is counted again later, and sending everything once more changes nothing.
  for (const one of sent) await send(last, one);
  await sleep(3_000);
  expect(await countRequests(last)).toBe(expected);
  expect(await countErrors(last)).toBe(sent.length);
  const metrics = await (await fetch(`${last.apiUrl}/metrics`)).text();
  expect(metrics).toMatch(new RegExp(`harbinger_ledger_records_total\\{[^}]*outcome="merged"[^}]*\\} ${expected}\\b`));
});

async function start(): Promise<HarbingerProcess> {
  return startHarbinger({ env: ENVIRONMENT, dataDirectory: await folder });
}

async function sendUntil(signal: AbortSignal, to: HarbingerProcess | undefined, sent: Sent[]): Promise<void> {
  while (!signal.aborted && to !== undefined) {
    const one = newBatch();
    sent.push(one);
    await send(to, one);
    await sleep(5);
  }
}

async function send(to: HarbingerProcess, one: Sent): Promise<void> {
  try {
    const response = await fetch(`${to.otlpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: one.body,
    });
    await response.arrayBuffer();
    if (response.ok) one.acknowledged = true;
  } catch {
    // The process died with the request on its way: nobody knows whether it was taken.
  }
}

/** A few requests served, one of which failed with an exception. */
function newBatch(): Sent {
  const requests = 1 + Math.floor(Math.random() * 20);
  const nowMs = Date.now();
  const spans = Array.from({ length: requests }, (_, index) => ({
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    name: "GET /",
    kind: 2,
    startTimeUnixNano: nanos(nowMs - 20),
    endTimeUnixNano: nanos(nowMs),
    attributes: [int("http.response.status_code", index === 0 ? 500 : 200)],
    status: { code: index === 0 ? 2 : 1 },
    ...(index === 0 && {
      events: [
        {
          name: "exception",
          timeUnixNano: nanos(nowMs),
          attributes: [text("exception.type", "TypeError"), text("exception.message", "x is not a function")],
        },
      ],
    }),
  }));
  return { body: JSON.stringify(tracesRequest(spans, resource(SERVICE))), requests, acknowledged: false };
}

const pageSchema = z.object({
  items: z.array(z.object({ requestCount: z.number(), errorCount: z.number() })),
  nextCursor: z.string().nullable(),
});

async function sumWindows(of: HarbingerProcess, measure: "requestCount" | "errorCount"): Promise<number> {
  let sum = 0;
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      limit: "1000",
      from: "2020-01-01T00:00:00Z",
      ...(cursor !== null && { cursor }),
    });
    const response = await fetch(`${of.apiUrl}/services/${SERVICE}/windows?${query}`);
    if (response.status === 404) return 0;
    const page = pageSchema.parse(await response.json());
    for (const window of page.items) sum += window[measure];
    cursor = page.nextCursor;
  } while (cursor !== null);
  return sum;
}

const countRequests = (of: HarbingerProcess) => sumWindows(of, "requestCount");
const countErrors = (of: HarbingerProcess) => sumWindows(of, "errorCount");
