/** The steps in which the evaluation speaks with a running Harbinger: send, wait until all of it has been taken in, train, ask. */
import { setTimeout as sleep } from "node:timers/promises";
import { replay } from "../../datasets/replay/replay.ts";
import type { FrontDoorApi, Prediction, Question, TrainingJob } from "./front-door-api.ts";
import type { RecordPart } from "./record-parts.ts";

const GIVE_UP_AFTER_MS = 120_000;
const PROGRESS_EVERY_MS = 5_000;
/** without any window closed in between */
const MOST_PATIENCE_MS = 300_000;
const QUESTIONS_AT_ONCE = 1_000;

type Log = (line: string) => void;

/** @returns how many probes were sent   @throws Error when not every one was accepted */
export async function sendPart({ recording }: RecordPart, otlpUrl: string, log: Log): Promise<number> {
  const summary = await replay([recording], {
    baseUrl: otlpUrl,
    shiftMs: 0,
    speed: Infinity,
    giveUpAfterMs: GIVE_UP_AFTER_MS,
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    stop: new AbortController().signal,
    onRetry: () => {},
    onProgress: () => {},
  });
  if (summary.accepted !== summary.records || summary.endedBy !== "end") {
    const reasons = [...summary.failures.first, ...summary.rejected.keys()].join("; ");
    throw new Error(`only ${summary.accepted} of ${summary.records} probes were accepted: ${reasons}`);
  }
  log(`${summary.records} probes ${recording.name} accepted in ${summary.seconds.toFixed(1)} s`);
  return summary.records;
}

/** @throws Error when the windows stop closing before that */
export async function waitUntilClosed(throughMs: number, api: FrontDoorApi, log: Log): Promise<void> {
  let reachedMs: number | null = null;
  let movedAtMs = performance.now();
  let silentUntilMs = movedAtMs + PROGRESS_EVERY_MS;
  while (true) {
    const closedMs = await api.closedThroughMs();
    if (closedMs !== null && closedMs >= throughMs) return;
    const nowMs = performance.now();
    if (closedMs !== reachedMs) [reachedMs, movedAtMs] = [closedMs, nowMs];
    if (nowMs - movedAtMs > MOST_PATIENCE_MS) {
      throw new Error(`windows are closed through ${toText(closedMs)} only, not ${toText(throughMs)}`);
    }
    if (nowMs > silentUntilMs) {
      log(`windows closed through ${toText(closedMs)}`);
      silentUntilMs = nowMs + PROGRESS_EVERY_MS;
    }
    await sleep(250);
  }
}

/** @returns the job in its final state   @throws Error when it failed */
export async function trainThrough(throughMs: number, seed: number, api: FrontDoorApi): Promise<TrainingJob> {
  let job = await api.train({ through: new Date(throughMs).toISOString(), seed });
  while (job.state === "queued" || job.state === "running") {
    await sleep(250);
    job = await api.trainingJob(job.id);
  }
  if (job.state === "failed") throw new Error(`the training job failed: ${job.error}`);
  return job;
}

/** Asks as of the questions' own times. @returns one answer per question, in order
 *  @throws Error when an answer was not made from the window that ends when its question asks */
export async function ask(questions: readonly Question[], api: FrontDoorApi): Promise<Prediction[]> {
  // Questions about one moment share their reads.
  const order = [...questions.keys()].sort((a, b) => questions[a]!.atMs - questions[b]!.atMs || a - b);
  const answers = new Array<Prediction>(questions.length);
  for (let from = 0; from < order.length; from += QUESTIONS_AT_ONCE) {
    const asked = order.slice(from, from + QUESTIONS_AT_ONCE);
    const given = await api.predict(asked.map((index) => questions[index]!));
    for (const [position, index] of asked.entries()) {
      const answer = given[position]!; // one per question
      const { service, atMs } = questions[index]!;
      if (Date.parse(answer.asOf.windowEnd ?? "") !== atMs) {
        throw new Error(`the answer about ${service} at ${toText(atMs)} is as of ${answer.asOf.windowEnd}`);
      }
      answers[index] = answer;
    }
  }
  return answers;
}

function toText(ms: number | null): string {
  return ms === null ? "never" : new Date(ms).toISOString();
}
