/** `npm run replay -- FILE… [options]`: sends recorded telemetry to a running Harbinger, or to any OTLP/HTTP server. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArguments, type ReplayArguments, USAGE, UsageError } from "./arguments.ts";
import { describeRecordings } from "./dry-run.ts";
import { openRecording } from "./reading/open-recording.ts";
import { type Recording, RecordingError, type TimeRange, unite } from "./reading/recorded-request.ts";
import { emptySummary, type ReplaySummary, replay } from "./replay.ts";
import { describeSummary, exitCodeOf } from "./summary-text.ts";
import { chooseShiftMs } from "./times/choose-shift.ts";

const GIVE_UP_AFTER_MS = 120_000;
const PROGRESS_EVERY_MS = 5_000;
/** One Ctrl-C under `npm run` comes twice: from the terminal, and passed on by npm. */
const IMPATIENCE_MS = 500;

let lastSummary: ReplaySummary = emptySummary();
try {
  process.exitCode = await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`replay: ${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else if (error instanceof RecordingError || error instanceof RangeError) {
    if (lastSummary.requests > 0) console.log(describeSummary(lastSummary));
    console.error(`replay: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}

async function main(args: ReplayArguments): Promise<number> {
  const stop = stopOnSignal();
  const recordings = args.files.map((file) =>
    openRecording(file, { ...args, ...(args.speed !== Infinity && { maxRequestSpanMs: args.speed * 1000 }) }),
  );
  const times = args.isShiftedToNow ? await timesOf(recordings) : null;
  const shiftMs = times === null ? 0 : chooseShiftMs(times, args.speed, Date.now());
  if (args.isDryRun) {
    console.log(await describeRecordings(recordings, shiftMs));
    return 0;
  }
  let silentUntilMs = Date.now() + PROGRESS_EVERY_MS;
  const summary = await replay(recordings, {
    ...args,
    shiftMs,
    ...(times !== null && { times }),
    giveUpAfterMs: GIVE_UP_AFTER_MS,
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    stop,
    onRetry: (reason, waitMs) => console.error(`replay: ${reason}; again in ${(waitMs / 1000).toFixed(1)} s`),
    onProgress: (now, request) => {
      lastSummary = now;
      if (Date.now() < silentUntilMs) return;
      silentUntilMs = Date.now() + PROGRESS_EVERY_MS;
      const reached = request.times === null ? "" : `, at ${new Date(request.times.lastMs + shiftMs).toISOString()}`;
      console.error(`replay: ${now.requests} requests, ${now.records} records${reached}`);
    },
  });
  console.log(describeSummary(summary));
  return exitCodeOf(summary);
}

async function timesOf(recordings: readonly Recording[]): Promise<TimeRange | null> {
  let times: TimeRange | null = null;
  for (const recording of recordings) times = unite(times, await recording.times());
  return times;
}

function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      firstMs ??= Date.now();
      controller.abort();
      if (Date.now() - firstMs >= IMPATIENCE_MS) process.exit(130);
    });
  }
  return controller.signal;
}
