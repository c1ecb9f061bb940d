/** Replays recordings into an OTLP/HTTP server: read, move in time, wait until due, send; one request after the other, so that the
 *  server sees event time go on in the recorded order. The next request is prepared while the last one is answered. */
import { mergeByTime } from "./reading/merge-by-time.ts";
import type { RecordedRequest, Recording, TimeRange } from "./reading/recorded-request.ts";
import { type DeliverOptions, type Delivery, deliver, gzip } from "./sending/deliver.ts";
import { rejectionsOf } from "./sending/export-answer.ts";
import { createPace } from "./times/pace.ts";

export interface ReplayOptions extends Omit<DeliverOptions, "sleep"> {
  shiftMs: number;
  /** event time per real time; Infinity: as fast as it goes */
  speed: number;
  /** of all recordings, as recorded, when it is known */
  times?: TimeRange;
  sleep(ms: number, stop: AbortSignal): Promise<void>;
  /** ends the replay after the request at hand */
  stop: AbortSignal;
  /** called after each request */
  onProgress(summary: ReplaySummary, request: RecordedRequest): void;
}

export interface ReplaySummary {
  requests: number;
  records: number;
  accepted: number;
  /** records by reason, in requests that were accepted */
  rejected: Map<string, number>;
  /** requests that the server refused as a whole or that could not be delivered; records are in `records` but not in `accepted` */
  failures: { count: number; records: number; first: string[] };
  /** said of accepted requests, by how often */
  warnings: Map<string, number>;
  /** compressed */
  bytes: number;
  retries: number;
  seconds: number;
  /** why it did not reach the end */
  endedBy: "end" | "stop" | "server";
}

/** after these the next request would fare no better */
const HOPELESS = new Set([401, 403, 404, 405]);
const SHOWN_FAILURES = 5;
const NANOS_PER_MS = 1_000_000n;

/** @throws RecordingError when a recording turns out to be bad; `onProgress` has the summary of what was sent by then */
export async function replay(recordings: readonly Recording[], options: ReplayOptions): Promise<ReplaySummary> {
  const { stop, now, shiftMs } = options;
  const startedMs = now();
  const summary = emptySummary();
  const sleep = (ms: number) => options.sleep(ms, stop);
  const pace = createPace({
    speed: options.speed,
    ...(options.times !== undefined && { originMs: options.times.firstMs }),
    now,
    sleep,
  });
  const deliverOptions: DeliverOptions = {
    ...options,
    sleep,
    onRetry: (reason, waitMs) => {
      summary.retries += 1;
      options.onRetry(reason, waitMs);
    },
  };
  const finish = (endedBy: ReplaySummary["endedBy"]): ReplaySummary => {
    summary.endedBy = endedBy;
    summary.seconds = (now() - startedMs) / 1000;
    return summary;
  };

  try {
    for await (const { request, body } of prepared(recordings, BigInt(shiftMs) * NANOS_PER_MS)) {
      if (stop.aborted) return finish("stop");
      await pace(request.times?.lastMs ?? null);
      const delivery = await deliver({ signal: request.signal, encoding: request.encoding, body }, deliverOptions);
      note(summary, request, body.length, delivery);
      summary.seconds = (now() - startedMs) / 1000;
      options.onProgress(summary, request);
      const isHopeless = delivery.kind === "refused" && HOPELESS.has(delivery.status);
      if (delivery.kind === "given_up" || isHopeless) return finish("server");
    }
    return finish("end");
  } catch (error) {
    if (stop.aborted && error instanceof Error && error.name === "AbortError") return finish("stop");
    throw error;
  }
}

export function emptySummary(): ReplaySummary {
  return {
    requests: 0,
    records: 0,
    accepted: 0,
    rejected: new Map(),
    failures: { count: 0, records: 0, first: [] },
    warnings: new Map(),
    bytes: 0,
    retries: 0,
    seconds: 0,
    endedBy: "end",
  };
}

interface Prepared {
  request: RecordedRequest;
  body: Uint8Array;
}

async function* prepared(recordings: readonly Recording[], shiftNs: bigint): AsyncGenerator<Prepared> {
  const requests = mergeByTime(recordings);
  const prepareNext = async (): Promise<Prepared | null> => {
    const next = await requests.next();
    if (next.done) return null;
    return { request: next.value, body: await gzip(next.value.body(shiftNs)) };
  };
  try {
    let ahead = prepareNext();
    for (;;) {
      const current = await ahead;
      if (current === null) return;
      ahead = prepareNext();
      // it is awaited, and its failure seen, after the current one is through
      ahead.catch(() => {});
      yield current;
    }
  } finally {
    await requests.return(undefined);
  }
}

function note(summary: ReplaySummary, request: RecordedRequest, bytes: number, delivery: Delivery): void {
  summary.requests += 1;
  summary.records += request.recordCount;
  summary.bytes += bytes;
  if (delivery.kind !== "accepted") {
    const reason = delivery.kind === "refused" ? `${delivery.status} ${delivery.message}` : delivery.reason;
    summary.failures.count += 1;
    summary.failures.records += request.recordCount;
    if (summary.failures.first.length < SHOWN_FAILURES) summary.failures.first.push(`${request.source}: ${reason}`);
    return;
  }
  const { rejected, warnings } =
    delivery.partial === null ? { rejected: new Map<string, number>(), warnings: [] } : rejectionsOf(delivery.partial);
  let rejectedCount = 0;
  for (const [reason, count] of rejected) {
    rejectedCount += count;
    addTo(summary.rejected, reason, count);
  }
  for (const warning of warnings) addTo(summary.warnings, warning, 1);
  summary.accepted += request.recordCount - rejectedCount;
}

/** What a server says is not bounded; what is kept of it is. */
const MAX_REASONS = 50;

function addTo(counts: Map<string, number>, key: string, count: number): void {
  const known = counts.has(key) || counts.size < MAX_REASONS ? key : "other reasons";
  counts.set(known, (counts.get(known) ?? 0) + count);
}
