/** The program as its users start, stop and mistreat it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { PROGRAM, PROJECT } from "../../helpers/program.ts";

describe("the program", () => {
  let dataDirectory: string;
  const started: HarbingerProcess[] = [];
  const servers: Server[] = [];

  const start = async (env: Record<string, string> = {}) => {
    const harbinger = await startHarbinger({ dataDirectory, env });
    started.push(harbinger);
    return harbinger;
  };
  beforeEach(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), "harbinger-main-"));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((harbinger) => harbinger.stop()));
    for (const server of servers.splice(0)) server.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  test("comes up with every role, says where it is, and stops with 0 on SIGTERM", async () => {
    const harbinger = await start();
    const report = await (await fetch(`${harbinger.apiUrl}/readyz`)).json();
    expect(report).toMatchObject({ ready: true });
    expect(harbinger.output()).toContain(harbinger.apiUrl);
    expect(harbinger.output()).toContain(harbinger.otlpUrl);
    expect(await harbinger.stop()).toBe(0);
    expect(harbinger.output()).not.toMatch(/"level":"(error|fatal)"/);
  });

  test("a process without the API still answers for its health and its metrics", async () => {
    const harbinger = await start({ HARBINGER_ROLES: "features" });
    expect((await fetch(`${harbinger.apiUrl}/healthz`)).status).toBe(200);
    const metrics = await (await fetch(`${harbinger.apiUrl}/metrics`)).text();
    expect(metrics).toMatch(/^process_memory_usage\{/m);
    expect(metrics).toMatch(/^harbinger_queue_depth\{.*queue="telemetry"/m);
    expect((await fetch(`${harbinger.apiUrl}/predict`, { method: "POST" })).status).toBe(404);
    expect(await harbinger.stop()).toBe(0);
  });

  test("an unreachable collector for its own telemetry disturbs neither serving nor stopping", async () => {
    const harbinger = await start({
      HARBINGER_ROLES: "features",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
    });
    expect((await fetch(`${harbinger.apiUrl}/metrics`)).status).toBe(200);
    expect(await harbinger.stop()).toBe(0);
  });

  test("starts again after SIGKILL", async () => {
    await (await start({ HARBINGER_ROLES: "features" })).kill();
    const again = await start({ HARBINGER_ROLES: "features" });
    expect((await fetch(`${again.apiUrl}/readyz`)).status).toBe(200);
  });

  test("lists all bad settings in one message and exits with 1", async () => {
    const { code, output } = await run({
      HARBINGER_HTTP_PORT: "many",
      HARBINGER_WINDOW_SIZE: "1y",
      HARBINGER_ROLES: "cook",
    });
    expect(code).toBe(1);
    for (const name of ["HARBINGER_HTTP_PORT", "HARBINGER_WINDOW_SIZE", "HARBINGER_ROLES"])
      expect(output).toContain(name);
    expect(output).not.toContain("    at ");
  });

  test("says in one line which port is in use, and leaves no server behind", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    servers.push(taken);
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const settings = {
      HARBINGER_DATA_DIRECTORY: dataDirectory,
      HARBINGER_ROLES: "features",
      HARBINGER_HTTP_PORT: String(port),
    };
    const { code, output } = await run(settings);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^harbinger: port ${port} .*in use.*HARBINGER_HTTP_PORT`, "m"));
    expect(output).not.toContain("    at ");
    await start({ HARBINGER_ROLES: "features" });
  });

  test("says in one line which process has the data folder", async () => {
    const harbinger = await start({ HARBINGER_ROLES: "features" });
    const { code, output } = await run({
      HARBINGER_DATA_DIRECTORY: dataDirectory,
      HARBINGER_ROLES: "features",
      HARBINGER_HTTP_PORT: "0",
    });
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(`^harbinger: the data folder .* is in use by process ${harbinger.child.pid}$`, "m"),
    );
    expect((await fetch(`${harbinger.apiUrl}/readyz`)).status).toBe(200);
  });

  test("says in one line that the database cannot be reached, without its password", async () => {
    const { code, output } = await run({ DATABASE_URL: "postgres://user:hunter2@127.0.0.1:1/db" });
    expect(code).toBe(1);
    expect(output).toMatch(/^harbinger: cannot reach PostgreSQL at 127\.0\.0\.1:1\/db/m);
    expect(output).not.toContain("hunter2");
  });
});

/** Starts the program where it is expected to give up at once. */
async function run(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...rest } = process.env;
  const child = spawn(process.execPath, PROGRAM, {
    cwd: PROJECT,
    env: { ...rest, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  return { code, output };
}
