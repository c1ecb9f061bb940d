/** Runs a training job in a process of its own: the fit never blocks what serves, and its crash or its running out of memory ends the
 *  job and nothing else. */
import { fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { loaderArguments } from "../services/platform/runtime/loader-arguments.ts";
import type { TrainingOutcome } from "../services/platform/store/training-jobs-store.ts";
import { type JobOrder, type JobReport, jobReportSchema } from "./job-messages.ts";

export interface ChildOptions {
  onProgress(progress: Extract<JobReport, { kind: "progress" }>): void;
  /** ends the process; the promise then rejects with the signal's reason */
  signal: AbortSignal;
  /** the module to run instead of run-job, for tests */
  module?: string;
}

const LAST_OUTPUT_BYTES = 2000;

/** @returns the outcome; a crash, a kill or an exception in the process is an outcome `failed` with the reason */
export function runInChild(order: JobOrder, options: ChildOptions): Promise<TrainingOutcome> {
  const self = fileURLToPath(import.meta.url);
  const module = options.module ?? self.replace(/run-in-child(\.[jt]s)$/, "run-job$1");
  const child = fork(module, [], {
    execArgv: loaderArguments(extname(module)),
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let lastOutput = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastOutput = (lastOutput + text).slice(-LAST_OUTPUT_BYTES);
  });
  let result: TrainingOutcome | null = null;
  return new Promise((resolve, reject) => {
    const abort = (): void => void child.kill("SIGKILL");
    options.signal.addEventListener("abort", abort, { once: true });
    if (options.signal.aborted) abort();
    child.on("message", (message) => {
      const parsed = jobReportSchema.safeParse(message);
      if (!parsed.success) return;
      const report = parsed.data;
      if (report.kind === "progress") options.onProgress(report);
      else result = report.kind === "done" ? report.outcome : failed(report.message);
    });
    child.on("error", (error) => {
      result ??= failed(`the training process could not be started: ${error.message}`);
    });
    child.on("close", (code, signal) => {
      options.signal.removeEventListener("abort", abort);
      if (options.signal.aborted) reject(options.signal.reason);
      else resolve(result ?? failed(describeDeath(code, signal, lastOutput)));
    });
    child.send(order, (error) => {
      if (error !== null) result ??= failed(`the training process took no order: ${error.message}`);
    });
  });
}

function failed(error: string): TrainingOutcome {
  return { state: "failed", version: null, metrics: null, verdict: null, error };
}

function describeDeath(code: number | null, signal: string | null, lastOutput: string): string {
  if (/heap out of memory|Allocation failed/.test(lastOutput)) return "the training process ran out of memory";
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const line = lastOutput.trim().split("\n").at(-1) ?? "";
  return `the training process ended by ${how} before it was done${line === "" ? "" : `: ${line}`}`;
}
