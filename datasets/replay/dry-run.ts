/** What a replay would send. */
import type { Recording, TimeRange } from "./reading/recorded-request.ts";
import { unite } from "./reading/recorded-request.ts";

const NANOS_PER_MS = 1_000_000n;

/** Reads and moves everything, as the replay would. @throws RecordingError, RangeError */
export async function describeRecordings(recordings: readonly Recording[], shiftMs: number): Promise<string> {
  const lines: string[] = [];
  for (const { name, requests } of recordings) {
    let requestCount = 0;
    let times: TimeRange | null = null;
    const records = new Map<string, number>();
    for await (const request of requests()) {
      requestCount += 1;
      request.body(BigInt(shiftMs) * NANOS_PER_MS);
      records.set(request.signal, (records.get(request.signal) ?? 0) + request.recordCount);
      times = unite(times, request.times);
    }
    const counts = [...records].map(([signal, count]) => `${count} of ${signal}`).join(", ");
    lines.push(`${name}: ${requestCount} requests, records: ${counts || "none"}`);
    if (times !== null) lines.push(`  recorded ${rangeText(times, 0)}`);
    if (times !== null && shiftMs !== 0) lines.push(`  sent as  ${rangeText(times, shiftMs)}`);
  }
  return lines.join("\n");
}

function rangeText({ firstMs, lastMs }: TimeRange, shiftMs: number): string {
  return `${new Date(firstMs + shiftMs).toISOString()} to ${new Date(lastMs + shiftMs).toISOString()}`;
}
