/** `/predict` and `/classify` through the front door, each against a bare Express handler in a process of its own that answers the
 *  same JSON. Load comes from this process, on the same cores, for both sides alike. What a call takes on the server is read from
 *  the service's own histogram of requests, at a rate far below its limit: at the limit it says how long the queue is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
const STEADY_SECONDS = 10;
const STEADY_REQUESTS_PER_SECOND = 100;

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
      env: { HARBINGER_WINDOW_SIZE: "1s", HARBINGER_ALLOWED_LATENESS: "1s", HARBINGER_LOG_LEVEL: "warn" },
    });
    try {
      await sendHistory(service.otlpUrl, 30);
      for (const call of CALLS) {
        const url = service.apiUrl + call.path;
        const bare = await startBareExpress(await (await post(url, call.body)).json());
        try {
          const pairs: [number, number][] = [];
          const p99: [number, number][] = [];
          await load(url, call.body, 1);
          await load(bare.url, call.body, 1);
          for (let round = 0; round < ROUNDS; round += 1) {
            const ours = await load(url, call.body, SECONDS_PER_SIDE);
            const theirs = await load(bare.url, call.body, SECONDS_PER_SIDE);
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

/** Share of requests answered within each bound of the histogram, at a steady rate. */
async function reportServerTime(
  apiUrl: string,
  call: { name: string; path: string; body: unknown },
  report: SuiteReport,
): Promise<void> {
  const before = await requestDurations(apiUrl, call.path);
  await load(apiUrl + call.path, call.body, STEADY_SECONDS, STEADY_REQUESTS_PER_SECOND);
  const after = await requestDurations(apiUrl, call.path);
  const counts = after.map(({ bound, count }, index) => ({ bound, count: count - (before[index]?.count ?? 0) }));
  const total = counts.at(-1)?.count ?? 0;
  for (const bound of [0.0025, 0.005, 0.01]) {
    const within = counts.find((bucket) => bucket.bound === bound)?.count ?? Number.NaN;
    report.figure(`${call.name}: on the server within ${bound * 1000} ms`, (100 * within) / total, "%");
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

async function load(url: string, body: unknown, seconds: number, overallRate?: number): Promise<autocannon.Result> {
  const result = await autocannon({
    url,
    ...(overallRate !== undefined && { overallRate }),
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    connections: CONNECTIONS,
    duration: seconds,
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

/** Gives `checkout` some seconds of history, so that `/predict` has a vector to score and explain. */
async function sendHistory(otlpUrl: string, seconds: number): Promise<void> {
  const now = Date.now();
  for (let second = seconds; second > 0; second -= 1) {
    const spans = Array.from({ length: 20 }, (_, index) => {
      const endMs = now - second * 1000 + index * 10;
      return {
        traceId: (second * 100 + index).toString(16).padStart(32, "0"),
        spanId: (second * 100 + index + 1).toString(16).padStart(16, "0"),
        name: "POST /orders",
        kind: 2,
        startTimeUnixNano: `${endMs - 12}000000`,
        endTimeUnixNano: `${endMs}000000`,
        status: index === 0 ? { code: 2, message: "upstream timed out" } : {},
      };
    });
    const answer = await post(`${otlpUrl}/v1/traces`, {
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "checkout" } }] },
          scopeSpans: [{ spans }],
        },
      ],
    });
    if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 5_000));
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
