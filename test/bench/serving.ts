/** `/predict` and `/classify` through the front door, each against a bare Express handler in a process of its own that answers the
 *  same JSON. Load comes from this process, on the same cores, for both sides alike. What a call takes on the server is read from
 *  the service's own histogram of requests, at a rate far below its limit and one by one: at the limit, or in bursts, it says how long
 *  the queue is. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { freePort } from "../helpers/free-port.ts";
import { startHarbinger } from "../helpers/harbinger-process.ts";
import type { Suite, SuiteReport } from "./harness.ts";
import { quantile } from "./harness.ts";

const ROUNDS = 3;
const SECONDS_PER_SIDE = 4;
/** Enough to keep the busier side busy while answers wait for the disk. */
const CONNECTIONS = 32;
/** far below the limit, one after the other */
const STEADY = { connections: 1, overallRate: 100 };
const STEADY_REQUESTS = 1_000;
const WINDOW_MS = 60_000;
const WINDOWS = 30;
/** asked about once each: what the first question after a window has closed takes, which reads and writes the store */
const FLEET = Array.from({ length: 200 }, (_, index) => `service-${index + 1}`);

interface Answer {
  asOf: { windowEnd: string | null };
}

const CALLS = [
  { name: "/predict without explanation", path: "/predict", body: { service: "checkout", explain: false } },
  { name: "/predict with explanation", path: "/predict", body: { service: "checkout" } },
  {
    name: "/classify, one error",
    path: "/classify",
    body: {
      errors: [
        {
          exception: {
            type: "java.net.SocketTimeoutException",
            message: "Read timed out",
            stacktrace:
              "java.net.SocketTimeoutException: Read timed out\n\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:283)\n\tat com.example.payment.Gateway.charge(Gateway.java:41)",
          },
        },
      ],
    },
  },
] as const;

export const servingSuite: Suite = {
  name: "serving",
  async run(report) {
    const service = await startHarbinger({
      env: { HARBINGER_ALLOWED_LATENESS: "1s", HARBINGER_LOG_LEVEL: "warn" },
    });
    try {
      // the one that is asked about again and again comes last, so that waiting for it asks nothing about the fleet
      for (const name of [...FLEET, "checkout"]) await sendHistory(service.otlpUrl, name);
      await untilClosed(service.apiUrl, "checkout");
      for (const call of CALLS) {
        const url = service.apiUrl + call.path;
        const bare = await startBareExpress(await (await post(url, call.body)).json());
        try {
          const pairs: [number, number][] = [];
          const p99: [number, number][] = [];
          await load(url, call.body, { duration: 1 });
          await load(bare.url, call.body, { duration: 1 });
          for (let round = 0; round < ROUNDS; round += 1) {
            const ours = await load(url, call.body, { duration: SECONDS_PER_SIDE });
            const theirs = await load(bare.url, call.body, { duration: SECONDS_PER_SIDE });
            pairs.push([ours.requests.average, theirs.requests.average]);
            p99.push([ours.latency.p99, theirs.latency.p99]);
          }
          report.ratio(`${call.name}: requests/s`, "ours", "bare Express, same JSON", pairs);
          report.figure(`${call.name}: requests/s`, middle(pairs.map(([ours]) => ours)), "1/s");
          report.figure(`${call.name}: bare Express requests/s`, middle(pairs.map(([, theirs]) => theirs)), "1/s");
          report.figure(`${call.name}: p99, ${CONNECTIONS} connections`, middle(p99.map(([ours]) => ours)), "ms");
          report.figure(`${call.name}: bare Express p99`, middle(p99.map(([, theirs]) => theirs)), "ms");
          await reportServerTime(service.apiUrl, call, report);
        } finally {
          await bare.stop();
        }
      }
    } finally {
      await service.dispose();
    }
  },
};

/** Share of requests answered within each bound of the histogram, one at a time and far below the limit. */
async function reportServerTime(
  apiUrl: string,
  call: { name: string; path: string; body: object },
  report: SuiteReport,
): Promise<void> {
  const url = apiUrl + call.path;
  const again = { ...STEADY, amount: STEADY_REQUESTS };
  await reportShares(`${call.name}: on the server`, apiUrl, call.path, report, () => load(url, call.body, again));
  if (!("service" in call.body)) return;
  const bodies = FLEET.map((name) => JSON.stringify({ ...call.body, service: name }));
  const first = { ...STEADY, amount: FLEET.length, requests: bodies.map((body) => ({ body })) };
  await reportShares(`${call.name}, first question`, apiUrl, call.path, report, () => load(url, call.body, first));
}

async function reportShares(
  name: string,
  apiUrl: string,
  path: string,
  report: SuiteReport,
  run: () => Promise<unknown>,
): Promise<void> {
  const before = await requestDurations(apiUrl, path);
  await run();
  const after = await requestDurations(apiUrl, path);
  const counts = after.map(({ bound, count }, index) => ({ bound, count: count - (before[index]?.count ?? 0) }));
  const total = counts.at(-1)?.count ?? 0;
  for (const bound of [0.0025, 0.005, 0.01, 0.025]) {
    const within = counts.find((bucket) => bucket.bound === bound)?.count ?? Number.NaN;
    report.figure(`${name} within ${bound * 1000} ms`, (100 * within) / total, "%");
  }
}

/** From the first byte that Express sees to the last that it writes, of answers with status 200. */
async function requestDurations(apiUrl: string, path: string): Promise<{ bound: number; count: number }[]> {
  const page = await (await fetch(`${apiUrl}/metrics`)).text();
  const lines = [...page.matchAll(/^http_server_request_duration\w*_bucket\{(.*)le="([^"]+)"\} (\d+)/gm)];
  return lines.flatMap(([, labels = "", bound, count]) =>
    labels.includes(`http_route="${path}"`) && labels.includes('status_code="200"')
      ? [{ bound: bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound), count: Number(count) }]
      : [],
  );
}

async function load(url: string, body: object, how: Partial<autocannon.Options>): Promise<autocannon.Result> {
  const result = await autocannon({
    url,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    connections: CONNECTIONS,
    ...how,
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers other than 2xx, ${result.errors} errors`);
  }
  return result;
}

async function startBareExpress(body: unknown): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "harbinger-bench-"));
  const bodyFile = join(folder, "body.json");
  await writeFile(bodyFile, JSON.stringify(body));
  const port = await freePort();
  const script = fileURLToPath(new URL("./bare-express.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, String(port), bodyFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Gives a service some windows of history, so that `/predict` has something to score and explain. */
async function sendHistory(otlpUrl: string, name: string): Promise<void> {
  const now = Date.now();
  const spans = Array.from({ length: WINDOWS * 20 }, (_, index) => {
    const endMs = now - (1 + Math.floor(index / 20)) * WINDOW_MS + (index % 20) * 10;
    return {
      traceId: randomBytes(16).toString("hex"),
      spanId: randomBytes(8).toString("hex"),
      name: "POST /orders",
      kind: 2,
      startTimeUnixNano: `${endMs - 12}000000`,
      endTimeUnixNano: `${endMs}000000`,
      status: index % 20 === 0 ? { code: 2, message: "upstream timed out" } : {},
    };
  });
  const resource = { attributes: [{ key: "service.name", value: { stringValue: name } }] };
  const answer = await post(`${otlpUrl}/v1/traces`, { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
}

/** Resolves when a window of the service has closed. */
async function untilClosed(apiUrl: string, service: string): Promise<void> {
  for (;;) {
    const answer = (await (await post(`${apiUrl}/predict`, { service, explain: false })).json()) as Answer;
    if (answer.asOf.windowEnd !== null) return;
    await sleep(500);
  }
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

function middle(values: number[]): number {
  return quantile(
    values.sort((a, b) => a - b),
    0.5,
  );
}
