/** `npm run replay` as its users run it, against a started Harbinger and against servers that refuse, stall and are away. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deliver, gzip } from "../../../datasets/replay/sending/deliver.ts";
import { windowsPageSchema } from "../../../services/inference/services/service-schemas.ts";
import { freePort } from "../../helpers/free-port.ts";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { logsRequest, metricsRequest, nanos, resource, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const MINUTE = 60_000;

let folder: string;
const receivers: TestReceiver[] = [];
const servers: Server[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "harbinger-replay-"));
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.stop();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

interface Run {
  code: number | null;
  output: string;
}

function run(args: string[], onOutput?: (output: string) => void): Promise<Run> {
  return start(args, onOutput).done;
}

function start(args: string[], onOutput?: (output: string) => void): { child: ChildProcess; done: Promise<Run> } {
  const child = spawn(process.execPath, ["--import", "tsx", "datasets/replay/cli.ts", ...args], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      onOutput?.(output);
    });
  }
  return { child, done: once(child, "close").then(() => ({ code: child.exitCode, output })) };
}

async function startReceiver(options: Parameters<typeof startTestReceiver>[0] = {}): Promise<TestReceiver> {
  const receiver = await startTestReceiver({ nowMs: Date.now(), ...options });
  receivers.push(receiver);
  return receiver;
}

/** A server that answers each request as it is told. */
async function startStub(answer: (count: number, response: ServerResponse) => void): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume().once("end", () => answer(++count, response));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return `http://127.0.0.1:${address.port}`;
}

const span = (atMs: number) => ({ kind: 2, startTimeUnixNano: nanos(atMs - 5), endTimeUnixNano: nanos(atMs, 123) });
const spansOf = (service: string, ...atMs: number[]) => tracesRequest(atMs.map(span), resource(service));

function framed(...requests: Uint8Array[]): Buffer {
  return Buffer.concat(
    requests.flatMap((request) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(request.length);
      return [length, request];
    }),
  );
}

describe("replaying into Harbinger", () => {
  let harbinger: HarbingerProcess;
  beforeAll(async () => {
    harbinger = await startHarbinger({
      env: {
        HARBINGER_ROLES: "receiver,features,inference",
        HARBINGER_WINDOW_SIZE: "10m",
        HARBINGER_HORIZONS: "60m",
        HARBINGER_FAILURE_MIN_REQUESTS: "1",
      },
    });
  });
  afterAll(() => harbinger.dispose());

  /** A service's windows, oldest first, once as many requests are in them as were sent. */
  async function windowsOf(service: string, requestCount: number, query = "") {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const response = await fetch(
        `${harbinger.apiUrl}/services/${encodeURIComponent(service)}/windows?limit=1000${query}`,
      );
      if (response.ok) {
        const { items } = windowsPageSchema.parse(await response.json());
        if (items.reduce((sum, window) => sum + window.requestCount, 0) === requestCount) return items.reverse();
      }
      await sleep(50);
    }
    throw new Error(`the windows of ${service} do not hold ${requestCount} requests`);
  }

  it("puts the records of every kind of file into their windows", async () => {
    // in the middle of a window that is closed for sure
    const atMs = Math.floor(Date.now() / (10 * MINUTE)) * 10 * MINUTE - 25 * MINUTE;
    const plain = JSON.stringify(spansOf("json", atMs), null, 2);
    const args = [
      await file("a.json", `${plain}\n${plain.replaceAll("json", "json-second")}\n`),
      await file(
        "b.jsonl",
        `${JSON.stringify(spansOf("jsonl", atMs))}\n\n${JSON.stringify(spansOf("jsonl", atMs + 1))}\n`,
      ),
      await file("c.jsonl.gz", gzipSync(JSON.stringify(spansOf("zipped", atMs)))),
      await file("d.pb", encodeRequest("traces", spansOf("pb", atMs))),
      await file(
        "e.pb.gz",
        gzipSync(
          framed(
            encodeRequest("traces", spansOf("framed", atMs)),
            encodeRequest("logs", logsRequest([{ timeUnixNano: nanos(atMs), severityNumber: 9 }], resource("framed"))),
            encodeRequest(
              "metrics",
              metricsRequest(
                [{ name: "m", gauge: { dataPoints: [{ timeUnixNano: nanos(atMs), asDouble: 1 }] } }],
                resource("framed"),
              ),
            ),
          ),
        ),
      ),
    ];
    const { code, output } = await run([...args, "--to", harbinger.otlpUrl]);
    expect(output).toContain("replayed 9 requests, 9 records");
    expect(output).toContain("accepted 9");
    expect(code).toBe(0);
    const start = new Date(Math.floor(atMs / (10 * MINUTE)) * 10 * MINUTE).toISOString();
    for (const [service, count] of Object.entries({
      json: 1,
      "json-second": 1,
      jsonl: 2,
      zipped: 1,
      pb: 1,
      framed: 1,
    })) {
      const [window] = (await windowsOf(service, count)).filter(({ requestCount }) => requestCount > 0);
      expect({ service, start: window?.start, errors: window?.requestErrorCount }).toEqual({
        service,
        start,
        errors: 0,
      });
    }
  });

  it("shows the sites of an .avt file up and down as it says, with --shift-to-now", async () => {
    const path = await file("sites.avt", "up.example 1 0 3600\nflaky.example 2 0 1200 2400 3600\n");
    const { code, output } = await run([path, "--to", harbinger.otlpUrl, "--shift-to-now"]);
    expect(output).toContain("accepted 12");
    expect(code).toBe(0);
    const errorsOf = async (site: string) =>
      (await windowsOf(site, 6))
        .filter(({ requestCount }) => requestCount > 0)
        .map((window) => window.requestErrorCount);
    expect(await errorsOf("up.example")).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await errorsOf("flaky.example")).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it("shows the services of a .csv file with their failures", async () => {
    const startMs = Date.now() - 60 * MINUTE;
    const at = (minutes: number) => new Date(startMs + minutes * MINUTE).toISOString();
    const lines = [
      "repo,service,time,status,http_code,latency_ms",
      `org/repo,Shop,${at(0)},up,200,120`,
      `org/repo,Shop,${at(20)},down,502,80`,
      `org/repo,Shop,${at(40)},up,200,90`,
    ];
    const { code, output } = await run([await file("upptime.csv", `${lines.join("\n")}\n`), "--to", harbinger.otlpUrl]);
    expect(output).toContain("accepted 9");
    expect(code).toBe(0);
    const windows = await windowsOf("Shop", 9, "&namespace=org%2Frepo");
    expect(windows.reduce((sum, { requestErrorCount }) => sum + requestErrorCount, 0)).toBe(4);
    const metrics = await (await fetch(`${harbinger.apiUrl}/metrics`)).text();
    expect(metrics).toMatch(/harbinger_receiver_records_total\{[^}]*harbinger_outcome="accepted"/);
  });

  it("says how many records were too old, and what helps", async () => {
    const path = await file("old.jsonl", JSON.stringify(spansOf("old", Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 2))));
    const { code, output } = await run([path, "--to", harbinger.otlpUrl]);
    expect(output).toContain("rejected 2: too_old (older than the receiver's HARBINGER_MAX_PAST: --shift-to-now");
    expect(code).toBe(1);
    const moved = await run([path, "--to", harbinger.otlpUrl, "--shift-to-now"]);
    expect(moved.output).toContain("accepted 2");
    expect(moved.code).toBe(0);
  });
});

describe("sending", () => {
  it("keeps the order of a file, and shows the token", async () => {
    const receiver = await startReceiver({ tokens: ["secret"] });
    const nowMs = Date.now();
    const lines = [nowMs - 3 * MINUTE, nowMs - MINUTE, nowMs - 2 * MINUTE].map((atMs) =>
      JSON.stringify(spansOf("ordered", atMs)),
    );
    const path = await file("ordered.jsonl", lines.join("\n"));
    const refused = await run([path, "--to", receiver.url]);
    expect(refused.output).toContain("ordered.jsonl:1: 401");
    expect(refused.output).toContain("gave up before the end");
    expect(refused.code).toBe(1);
    const { code } = await run([path, "--to", receiver.url, "--token", "secret"]);
    expect(code).toBe(0);
    const minute = Math.floor(nowMs / MINUTE) * MINUTE;
    const windows = receiver.batches().map((batch) => (minute - (batch.windows[0]?.startMs ?? 0)) / MINUTE);
    expect(windows).toEqual([3, 1, 2]);
  });

  it("comes back after 429 and 503 as the server asks, and counts it", async () => {
    const url = await startStub((count, response) => {
      if (count === 1)
        response.writeHead(429, { "Retry-After": "1", "Content-Type": "application/json" }).end('{"message":"full"}');
      else if (count === 2) response.writeHead(503, { "Retry-After": "0" }).end();
      else response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    });
    const path = await file("retry.jsonl", JSON.stringify(spansOf("retry", Date.now())));
    const { code, output } = await run([path, "--to", url]);
    expect(output).toContain("replay: 429 full; again in 1.0 s");
    expect(output).toContain("repeated 2 times because the server asked or was away");
    expect(output).toContain("accepted 1");
    expect(code).toBe(0);
  });

  it("waits for a server that is away, and sends when it is there", async () => {
    const port = await freePort();
    const path = await file("away.jsonl", JSON.stringify(spansOf("away", Date.now())));
    let starting: Promise<void> | undefined;
    const { code, output } = await run([path, "--to", `http://127.0.0.1:${port}`], (soFar) => {
      if (starting !== undefined || !soFar.includes("ECONNREFUSED")) return;
      const server = createServer((request, response) => void request.resume().once("end", () => response.end("{}")));
      servers.push(server);
      starting = once(server.listen(port, "127.0.0.1"), "listening").then(() => {});
    });
    await starting;
    expect(output).toContain("accepted 1");
    expect(code).toBe(0);
  });

  it("gives a request up when it has failed for long enough, and waits longer each time", async () => {
    let nowMs = 0;
    const waits: number[] = [];
    const delivery = await deliver(
      { signal: "traces", encoding: "json", body: await gzip(Buffer.from("{}")) },
      {
        baseUrl: `http://127.0.0.1:${await freePort()}`,
        giveUpAfterMs: 5_000,
        now: () => nowMs,
        sleep: async (ms) => {
          waits.push(ms);
          nowMs += ms;
        },
        onRetry: () => {},
      },
    );
    expect(delivery).toMatchObject({
      kind: "given_up",
      reason: expect.stringMatching(/ECONNREFUSED.*after 5 attempts/),
    });
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
  });

  it("goes on after a request that is refused as a whole, and says which it was", async () => {
    const receiver = await startReceiver({ maxBodyBytes: 1_024 });
    const nowMs = Date.now();
    const large = spansOf("large", ...Array.from({ length: 40 }, () => nowMs));
    const path = await file(
      "mixed.jsonl",
      [spansOf("a", nowMs), large, spansOf("b", nowMs)].map((r) => JSON.stringify(r)).join("\n"),
    );
    const { code, output } = await run([path, "--to", receiver.url]);
    expect(output).toContain("not sent 40 in 1 requests; the first:");
    expect(output).toMatch(/mixed\.jsonl:2: 413 /);
    expect(output).toContain("accepted 2");
    expect(code).toBe(1);
  });

  it("names the file and line that is bad, after sending what comes before it", async () => {
    const receiver = await startReceiver();
    const path = await file("bad.jsonl", `${JSON.stringify(spansOf("good", Date.now()))}\n{"resourceSpans":[}\n`);
    const { code, output } = await run([path, "--to", receiver.url]);
    expect(output).toContain("bad.jsonl:2: not JSON");
    expect(output).toContain("replayed 1 requests");
    expect(receiver.batches()).toHaveLength(1);
    expect(code).toBe(1);
    const missing = await run([join(folder, "missing.json"), "--to", receiver.url]);
    expect(missing.output).toContain("missing.json: ENOENT");
    expect(missing.code).toBe(1);
    const cut = await file("cut.json.gz", gzipSync(JSON.stringify(spansOf("cut", Date.now()))).subarray(0, -12));
    const truncated = await run([cut, "--to", receiver.url]);
    expect(truncated.output).toContain("cut.json.gz: not gzip, or cut off");
    expect(truncated.code).toBe(1);
  });

  it("stops on SIGINT while it waits, with a summary", async () => {
    const receiver = await startReceiver();
    const nowMs = Date.now();
    const lines = [nowMs - 3_600_000, nowMs].map((atMs) => JSON.stringify(spansOf("slow", atMs)));
    const path = await file("slow.jsonl", lines.join("\n"));
    const { child, done } = start([path, "--to", receiver.url, "--speed", "1"]);
    while (receiver.jobs.length === 0) await sleep(20);
    // by now, or in a moment, it waits for its second request, which is due in an hour
    child.kill("SIGINT");
    const { code, output } = await done;
    expect(output).toContain("stopped before the end: replayed 1 requests, 1 records");
    expect(code).toBe(130);
  });

  it("sends nothing on a dry run and says what it would send", async () => {
    const receiver = await startReceiver();
    const path = await file("dry.jsonl", JSON.stringify(spansOf("dry", Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 2))));
    const { code, output } = await run([path, "--to", receiver.url, "--dry-run"]);
    expect(output).toContain("dry.jsonl: 1 requests, records: 2 of traces");
    expect(output).toContain("recorded 2020-01-01T00:00:00.000Z to 2020-01-02T00:00:00.000Z");
    expect(receiver.jobs).toEqual([]);
    expect(code).toBe(0);
  });
});
