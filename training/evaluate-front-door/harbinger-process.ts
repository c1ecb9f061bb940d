/** Harbinger as its users start it, for a record of outages that is replayed in event time. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endProgram, startChildProgram } from "../../datasets/shop/runner/child-program.ts";
import { readPostmasterFile } from "../../services/platform/database/postmaster.ts";

export interface HarbingerSettings {
  windowSizeMs: number;
  horizonMs: number;
  allowedLatenessMs: number;
  /** how far back from now the record reaches */
  memoryMs: number;
}

export interface StartedHarbinger {
  apiUrl: string;
  otlpUrl: string;
  /** of its embedded PostgreSQL */
  databaseUrl(): Promise<string>;
  /** ends it and deletes its data */
  dispose(): Promise<void>;
}

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const READY_WITHIN_MS = 300_000;

/** On an empty data folder of its own and free ports. @throws Error with its last words when it does not become ready */
export async function startHarbinger(settings: HarbingerSettings): Promise<StartedHarbinger> {
  const folder = await mkdtemp(join(tmpdir(), "harbinger-front-door-"));
  const dataDirectory = join(folder, "data");
  const logFolder = join(folder, "logs");
  const [apiPort, otlpPort] = [await freePort(), await freePort()];
  const program = startChildProgram({
    name: "harbinger",
    args: [
      ...["--import", "tsx", "--import", join(PROJECT, "datasets/shop/demo/end-with-parent.mjs")],
      join(PROJECT, "services/main.ts"),
    ],
    env: { ...environmentOf(settings), ...placeOf(dataDirectory, apiPort, otlpPort) },
    logFolder,
  });
  const dispose = async () => {
    await endProgram(program, "SIGTERM", 30_000);
    await rm(folder, { recursive: true, force: true });
  };
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await answersReady(apiUrl))) {
    if (!program.isRunning || performance.now() > deadlineMs) {
      const words = await readFile(join(logFolder, "harbinger.log"), "utf8").catch(() => "");
      await dispose();
      throw new Error(`Harbinger did not become ready:\n${words.slice(-3_000)}`);
    }
    await sleep(100);
  }
  return { apiUrl, otlpUrl: `http://127.0.0.1:${otlpPort}`, databaseUrl: () => databaseUrlOf(dataDirectory), dispose };
}

/** Everything that the record does not ask for is left as it is shipped. */
function environmentOf({ windowSizeMs, horizonMs, allowedLatenessMs, memoryMs }: HarbingerSettings) {
  return {
    HARBINGER_WINDOW_SIZE: `${windowSizeMs}ms`,
    HARBINGER_HORIZONS: `${horizonMs}ms`,
    HARBINGER_PRIMARY_HORIZON: `${horizonMs}ms`,
    HARBINGER_ALLOWED_LATENESS: `${allowedLatenessMs}ms`,
    // Event time runs ahead of the clock: silence while a model is trained says nothing about the sites.
    HARBINGER_IDLE_TIMEOUT: "1d",
    HARBINGER_CLOSE_INTERVAL: "100ms",
    // Asked is the model that the evaluation trains, not one that drift in the test slice has made since.
    HARBINGER_TRAINING_ON_DRIFT: "off",
    // a window holds one probe
    HARBINGER_FAILURE_MIN_REQUESTS: "1",
    HARBINGER_MAX_PAST: `${memoryMs}ms`,
    HARBINGER_RETENTION: `${memoryMs}ms`,
    HARBINGER_LOG_LEVEL: "warn",
  };
}

function placeOf(dataDirectory: string, apiPort: number, otlpPort: number) {
  return {
    HARBINGER_DATA_DIRECTORY: dataDirectory,
    HARBINGER_HTTP_PORT: String(apiPort),
    HARBINGER_OTLP_HTTP_PORT: String(otlpPort),
    HARBINGER_OTLP_GRPC_PORT: "off",
  };
}

async function databaseUrlOf(dataDirectory: string): Promise<string> {
  const password = (await readFile(join(dataDirectory, "postgres-password"), "utf8")).trim();
  const server = readPostmasterFile(join(dataDirectory, "postgres"));
  if (server === null) throw new Error(`no PostgreSQL runs on ${dataDirectory}`);
  return `postgres://harbinger:${password}@127.0.0.1:${server.port}/harbinger`;
}

async function answersReady(apiUrl: string): Promise<boolean> {
  return fetch(`${apiUrl}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(address !== null && typeof address === "object" ? address.port : 0));
    });
  });
}
