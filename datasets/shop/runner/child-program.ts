/** A Node program as a child process that talks over a private channel and cannot outlive this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";

export interface ChildProgram {
  readonly pid: number;
  /** settles with the first message for which `pick` returns something; rejects when the program ends before */
  receive<T>(pick: (message: unknown) => T | undefined): Promise<T>;
  send(message: unknown): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly isRunning: boolean;
}

export interface ChildProgramOptions {
  name: string;
  /** arguments of `node`, the program's file included */
  args: string[];
  env: Record<string, string>;
  /** where standard output and error go; without it output is dropped and the end of standard error is kept for a failure's message */
  logFolder?: string | undefined;
}

export function startChildProgram({ name, args, env, logFolder }: ChildProgramOptions): ChildProgram {
  const child = spawn(process.execPath, args, {
    // its own process group: Ctrl-C is ours to pass on, in order
    detached: true,
    stdio: ["ignore", logFolder === undefined ? "ignore" : "pipe", "pipe", "ipc"],
    env: { ...inheritedEnvironment(), ...env },
  });
  let lastWords = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString("utf8")).slice(-2_000);
  });
  if (logFolder !== undefined) keepOutput(child, logFolder, name);

  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  // a message to a program that has just died is lost, as it would be on a network
  child.on("error", () => {});
  const state = { isRunning: true };
  void ended.then(() => {
    state.isRunning = false;
  });

  return {
    pid: child.pid ?? -1,
    ended,
    get isRunning() {
      return state.isRunning;
    },
    receive: (pick) =>
      new Promise((resolve, reject) => {
        child.on("message", function listen(message) {
          const picked = pick(message);
          if (picked === undefined) return;
          child.off("message", listen);
          resolve(picked);
        });
        void ended.then(({ code, signal }) =>
          reject(
            new Error(`${name} ended (${signal ?? `exit code ${code}`}) before it was ready: ${lastWords.trim()}`),
          ),
        );
      }),
    send: (message) => {
      if (child.connected) child.send(message as object, () => {}); // as: node's type leaves out that any JSON may be sent
    },
    kill: (signal) => {
      if (state.isRunning) child.kill(signal);
    },
  };
}

/** @returns when the program has ended: by `signal`, or after `patienceMs` by SIGKILL */
export async function endProgram(program: ChildProgram, signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  if (!program.isRunning) return;
  program.kill(signal);
  const impatience = setTimeout(() => program.kill("SIGKILL"), patienceMs);
  await program.ended;
  clearTimeout(impatience);
}

/** What a program needs of our environment, without settings meant for us (OTEL_*, HARBINGER_*, NODE_OPTIONS …). */
function inheritedEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "SystemRoot", "TEMP"];
  return Object.fromEntries(kept.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])));
}

function keepOutput(child: ChildProcess, folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, `${name}.log`), { flags: "a" });
  child.stdout?.pipe(file, { end: false });
  child.stderr?.pipe(file, { end: false });
  child.once("exit", () => file.end());
}
