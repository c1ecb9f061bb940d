/** Sends gzip OTLP trace requests as fast as they are taken, or at a given rate, from a process of its own. Every request is prepared before
 *  the clock starts. Arguments: JSON of LoadOrder. Writes `ready`, waits for a line on stdin, and ends with JSON of LoadResult. */
import { once } from "node:events";
import { Agent, request as httpRequest } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import { quantile } from "./harness.ts";

export interface LoadOrder {
  url: string;
  seconds: number;
  connections: number;
  spansPerRequest: number;
  errorRatio: number;
  /** spans per second; null: as fast as they are taken */
  rate: number | null;
  /** prepared for at most so many spans per second */
  maxRate: number;
  seed: number;
}

export interface LoadResult {
  acceptedSpans: number;
  seconds: number;
  /** answers by status */
  answers: Record<string, number>;
  acknowledgementMs: { p50: number; p99: number; max: number };
  /** requests were taken faster than they had been prepared for: the accepted spans are then what the generator has, not what is possible */
  ranDry: boolean;
}

const SLICE_SECONDS = 5;
/** telemetry arrives a little after it happened */
const DELAY_MS = 500;

/** The healthy spans of some seconds are the same bytes in each request, because nothing tells healthy spans apart; the errors, which are
 *  told apart by their trace and message, are new in each. A body is both, as two members of one gzip stream. */
interface Slice {
  healthy: Buffer;
  errors: Buffer[];
  /** spans in one request */
  spanCount: number;
}

const order = JSON.parse(process.argv[2] ?? "null") as LoadOrder;
const slices = prepare(order, Date.now());
console.log("ready");
await once(process.stdin, "data");
console.log(JSON.stringify(await run(order, slices)));
process.exit(0);

function prepare({ seconds, spansPerRequest, errorRatio, maxRate, seed }: LoadOrder, startMs: number): Slice[] {
  const errorsPerRequest = Math.round(spansPerRequest * errorRatio);
  const requestsPerSlice = Math.ceil((maxRate / spansPerRequest) * SLICE_SECONDS);
  return Array.from({ length: Math.ceil(seconds / SLICE_SECONDS) }, (_, slice) => {
    const untilMs = startMs + slice * SLICE_SECONDS * 1000;
    const payload = (spanCount: number, ratio: number, seeded: number) =>
      gzipSync(referenceTraces({ seed: seeded, spanCount, errorRatio: ratio, untilMs }).protobuf, { level: 6 });
    return {
      healthy: payload(spansPerRequest - errorsPerRequest, 0, seed + slice),
      errors: Array.from({ length: requestsPerSlice }, (_, index) =>
        errorsPerRequest === 0 ? Buffer.alloc(0) : payload(errorsPerRequest, 1, seed + 1_000 * (slice + 1) + index),
      ),
      spanCount: spansPerRequest,
    };
  });
}

async function run({ url, seconds, connections, rate }: LoadOrder, prepared: readonly Slice[]): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: Record<string, number> = {};
  const acknowledgements: number[] = [];
  let acceptedSpans = 0;
  let sentRequests = 0;
  let ranDry = false;
  const start = performance.now();
  const endMs = start + seconds * 1000;

  const sender = async () => {
    for (;;) {
      const nowMs = performance.now();
      if (nowMs >= endMs) return;
      const slice = prepared[Math.min(prepared.length - 1, Math.floor((nowMs - start) / 1000 / SLICE_SECONDS))];
      const errors = slice?.errors.pop();
      if (slice === undefined || errors === undefined) {
        ranDry = true;
        await sleep(20);
        continue;
      }
      if (rate !== null) {
        const dueMs = start + (sentRequests * slice.spanCount * 1000) / rate;
        sentRequests += 1;
        if (dueMs > nowMs) await sleep(dueMs - nowMs);
      }
      const sentMs = performance.now();
      const status = await post(url, agent, [slice.healthy, errors]);
      answers[status] = (answers[status] ?? 0) + 1;
      if (status === "200") {
        acceptedSpans += slice.spanCount;
        acknowledgements.push(performance.now() - sentMs);
      } else await sleep(DELAY_MS);
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
  const elapsed = (performance.now() - start) / 1000;
  agent.destroy();
  acknowledgements.sort((a, b) => a - b);
  return {
    acceptedSpans,
    seconds: elapsed,
    answers,
    ranDry,
    acknowledgementMs: {
      p50: quantile(acknowledgements, 0.5),
      p99: quantile(acknowledgements, 0.99),
      max: acknowledgements.at(-1) ?? Number.NaN,
    },
  };
}

function post(url: string, agent: Agent, parts: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    const headers = {
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
      "content-length": parts.reduce((sum, part) => sum + part.length, 0),
    };
    const outgoing = httpRequest(url, { method: "POST", agent, headers }, (incoming) => {
      incoming.resume().once("end", () => resolve(String(incoming.statusCode)));
    });
    outgoing.once("error", (error) => resolve("code" in error ? String(error.code) : "error"));
    for (const part of parts) outgoing.write(part);
    outgoing.end();
  });
}
