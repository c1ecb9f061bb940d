/** Runs one program with one fault, bounded in time, output and, where the fault asks for it, resources. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { getuid } from "node:process";
import type { Lab } from "./lab.ts";
import { type Fault, type Mode, type Program, sourceOf } from "./program.ts";

export interface Outcome {
  stdout: string;
  stderr: string;
  /** 128 + n after signal n, as shells report it */
  exitCode: number;
}

const TIMEOUT_MS = 15_000;
const BUILD_TIMEOUT_MS = 300_000;
const MAX_OUTPUT = 64_000;
/** nobody: a fault about rights cannot be provoked with all of them */
const UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** @throws Error with what the compiler said */
export async function buildProgram(program: Program, lab: Lab): Promise<void> {
  for (const step of program.build ?? []) {
    const outcome = await execute(fill(step, program, lab), lab, {}, BUILD_TIMEOUT_MS);
    if (outcome.exitCode !== 0) throw new Error(`${program.source} does not build: ${outcome.stderr.slice(0, 2_000)}`);
  }
}

export async function runFault(program: Program, fault: Fault, mode: Mode, n: number, lab: Lab): Promise<Outcome> {
  const limits = fault.limits.length === 0 ? [] : ["prlimit", ...fault.limits.map((limit) => `--${limit}`)];
  const rights = getuid?.() === 0 ? UNPRIVILEGED : [];
  const command = [...rights, ...limits, ...fill(program.start, program, lab), fault.name];
  return await execute(command, lab, { LAB_MODE: mode, LAB_N: String(n) }, TIMEOUT_MS);
}

function fill(command: readonly string[], program: Program, lab: Lab): string[] {
  return command.map((word) => word.replaceAll("{source}", sourceOf(program)).replaceAll("{dir}", lab.workFolder));
}

function execute(command: string[], lab: Lab, extra: Record<string, string>, timeoutMs: number): Promise<Outcome> {
  const [name = "", ...args] = command;
  // A group of its own: what a fault starts ends with it.
  const child = spawn(name, args, {
    cwd: lab.workFolder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { LANG: "C.UTF-8", TZ: "UTC", HOME: lab.workFolder, ...lab.environment, ...extra },
  });
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      if (texts[stream].length < MAX_OUTPUT) texts[stream] += text;
    });
  }
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(killGroup, timeoutMs);
    child.once("error", (cause) => {
      clearTimeout(timer);
      reject(new Error(`${name} does not start`, { cause }));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      killGroup();
      resolve({ ...texts, exitCode: code ?? 128 + signalNumber(signal) });
    });
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 1 : constants.signals[signal];
}
