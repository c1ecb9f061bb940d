/** Several recordings as one: each keeps its own order, and whose next request is the oldest goes first. */
import type { RecordedRequest, Recording } from "./recorded-request.ts";

/** Holds one request of each recording. @throws RecordingError */
export async function* mergeByTime(recordings: readonly Recording[]): AsyncGenerator<RecordedRequest> {
  const sources = recordings.map((recording) => recording.requests()[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
    for (;;) {
      let oldest: { head: (typeof heads)[number]; request: RecordedRequest; timeMs: number } | undefined;
      for (const head of heads) {
        if (head.next.done) continue;
        const request = head.next.value;
        // what has no time is not held back
        const timeMs = request.times?.lastMs ?? -Infinity;
        if (oldest === undefined || timeMs < oldest.timeMs) oldest = { head, request, timeMs };
      }
      if (oldest === undefined) return;
      yield oldest.request;
      oldest.head.next = await oldest.head.source.next();
    }
  } finally {
    for (const source of sources) await source.return?.();
  }
}
