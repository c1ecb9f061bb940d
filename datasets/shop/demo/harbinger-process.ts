/** Harbinger itself, started as its users start it, on a fresh data folder. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endProgram, startChildProgram } from "../runner/child-program.ts";

export interface HarbingerOptions {
  /** empty; Harbinger's data and the programs' logs go there */
  folder: string;
  windowSizeMs: number;
  horizonsMs: readonly number[];
  primaryHorizonMs: number;
}

export interface HarbingerProcess {
  apiUrl: string;
  otlpUrl: string;
  /** rejects when the process ends without having been asked to */
  broken: Promise<never>;
  stop(): Promise<void>;
}

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const READY_WITHIN_MS = 60_000;

export async function startHarbinger(options: HarbingerOptions): Promise<HarbingerProcess> {
  const logFolder = join(options.folder, "logs");
  const [httpPort, otlpPort] = [await portNear(8080), await portNear(4318)];
  const program = startChildProgram({
    name: "harbinger",
    args: [
      ...["--import", "tsx", "--import", fileURLToPath(new URL("./end-with-parent.mjs", import.meta.url))],
      join(PROJECT, "services/main.ts"),
    ],
    env: {
      HARBINGER_DATA_DIRECTORY: join(options.folder, "harbinger"),
      HARBINGER_HTTP_PORT: String(httpPort),
      HARBINGER_OTLP_HTTP_PORT: String(otlpPort),
      HARBINGER_OTLP_GRPC_PORT: "off",
      HARBINGER_WINDOW_SIZE: `${options.windowSizeMs}ms`,
      // the shop sends twice a second
      HARBINGER_ALLOWED_LATENESS: "1s",
      HARBINGER_HORIZONS: options.horizonsMs.map((ms) => `${ms}ms`).join(","),
      HARBINGER_PRIMARY_HORIZON: `${options.primaryHorizonMs}ms`,
      // a window of the shop is a handful of requests, and its logs follow its requests
      HARBINGER_FAILURE_ERROR_RATIO: "0.3",
      HARBINGER_FAILURE_MIN_REQUESTS: "3",
      HARBINGER_FAILURE_ERROR_LOGS: "1000",
      HARBINGER_LOG_LEVEL: "info",
    },
    logFolder,
  });
  let stopping = false;
  const lastWords = async () =>
    (await readFile(join(logFolder, "harbinger.log"), "utf8").catch(() => "")).slice(-3_000);
  const broken = program.ended.then(async ({ code, signal }): Promise<never> => {
    if (stopping) return new Promise(() => {});
    throw new Error(`Harbinger ended (${signal ?? `exit code ${code}`}):\n${await lastWords()}`);
  });
  broken.catch(() => {});
  const stop = async () => {
    stopping = true;
    await endProgram(program, "SIGTERM", 15_000);
  };
  const apiUrl = `http://127.0.0.1:${httpPort}`;
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await answersReady(apiUrl))) {
    if (!program.isRunning) await broken;
    if (performance.now() > deadline) {
      await stop();
      throw new Error(`Harbinger was not ready within ${READY_WITHIN_MS / 1_000} s:\n${await lastWords()}`);
    }
    await sleep(100);
  }
  return { apiUrl, otlpUrl: `http://127.0.0.1:${otlpPort}`, broken, stop };
}

async function answersReady(apiUrl: string): Promise<boolean> {
  return fetch(`${apiUrl}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

/** @returns the wanted port when it is free, else any free one */
async function portNear(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? 0;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(undefined));
    probe.listen(port, "127.0.0.1", () => {
      const address = probe.address();
      const found = address !== null && typeof address === "object" ? address.port : undefined;
      probe.close(() => resolve(found));
    });
  });
}
