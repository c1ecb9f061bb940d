/** A replay's summary as a person reads it. */
import type { ReplaySummary } from "./replay.ts";

const HINTS: Readonly<Record<string, string>> = {
  too_old: "older than the receiver's HARBINGER_MAX_PAST: --shift-to-now moves the recording, or raise the setting",
  too_far_in_future: "beyond the receiver's HARBINGER_MAX_FUTURE: --shift-to-now moves the recording",
};

const ENDINGS: Readonly<Record<ReplaySummary["endedBy"], string>> = {
  end: "replayed",
  stop: "stopped before the end: replayed",
  server: "gave up before the end: replayed",
};

export function describeSummary(summary: ReplaySummary): string {
  const { requests, records, accepted, seconds, bytes, failures } = summary;
  const rate = seconds > 0 ? `, ${count(Math.round(records / seconds))} records/s` : "";
  const lines = [
    `${ENDINGS[summary.endedBy]} ${count(requests)} requests, ${count(records)} records, ${(bytes / 1024 / 1024).toFixed(1)} MiB compressed in ${seconds.toFixed(1)} s${rate}`,
    `  accepted ${count(accepted)}`,
    ...[...summary.rejected].map(([reason, n]) => {
      const hint = HINTS[reason];
      return `  rejected ${count(n)}: ${reason}${hint === undefined ? "" : ` (${hint})`}`;
    }),
    ...(failures.count === 0
      ? []
      : [`  not sent ${count(failures.records)} in ${count(failures.count)} requests; the first:`]),
    ...failures.first.map((failure) => `    ${failure}`),
    ...(summary.retries === 0
      ? []
      : [`  repeated ${count(summary.retries)} times because the server asked or was away`]),
    ...[...summary.warnings].map(([warning, n]) => `  ${count(n)} answers said: ${warning}`),
  ];
  return lines.join("\n");
}

/** 1: something could not be sent, or nothing was accepted */
export function exitCodeOf({ endedBy, failures, records, accepted }: ReplaySummary): 0 | 1 | 130 {
  if (endedBy === "stop") return 130;
  return failures.count > 0 || (records > 0 && accepted === 0) ? 1 : 0;
}

function count(value: number): string {
  return value.toLocaleString("en-US").replaceAll(",", " ");
}
