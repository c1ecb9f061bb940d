/** The command line of `npm run replay`. */
import { parseArgs } from "node:util";
import type { Signal } from "../../models/telemetry/records.ts";

export interface ReplayArguments {
  files: string[];
  baseUrl: string;
  /** Infinity: as fast as it goes */
  speed: number;
  isShiftedToNow: boolean;
  isDryRun: boolean;
  isStudiedOnly: boolean;
  token?: string;
  signal?: Signal;
  startMs?: number;
}

export class UsageError extends Error {}

export const USAGE = `usage: npm run replay -- FILE… [options]

  FILE              .json, .jsonl, .pb (recorded OTLP), .avt, .csv (records of outages); each also with .gz
  --to URL          OTLP/HTTP server [http://127.0.0.1:4318]
  --speed N|max     event time per real time: 1 real time, 10 ten times faster [max: as fast as it is accepted]
  --shift-to-now    move all times so that the newest event is now when it is sent
  --token TOKEN     ingest token of the server
  --signal NAME     traces, logs or metrics: of .pb files that do not tell
  --start TIME      when the first probe of an .avt file took place, such as 2025-01-01T00:00:00Z
  --studied         of an .avt or .csv file, only the sites that \`npm run evaluate\` studies
  --dry-run         read everything, send nothing, say what would be sent`;

const SIGNALS = ["traces", "logs", "metrics"] as const;

/** @throws UsageError saying what is wrong */
export function parseArguments(argv: readonly string[]): ReplayArguments {
  const { values, positionals } = parse(argv);
  if (positionals.length === 0) throw new UsageError("name at least one file");
  const { token, signal, start } = values;
  const startMs = start === undefined ? undefined : Date.parse(start);
  if (startMs !== undefined && !(startMs > 0)) throw new UsageError(`--start ${start} is not a time after 1970`);
  const known = SIGNALS.find((name) => name === signal);
  if (signal !== undefined && known === undefined) {
    throw new UsageError(`--signal ${signal} is none of ${SIGNALS.join(", ")}`);
  }
  const args: ReplayArguments = {
    files: positionals,
    baseUrl: readUrl(values.to),
    speed: readSpeed(values.speed),
    isShiftedToNow: values["shift-to-now"],
    isDryRun: values["dry-run"],
    isStudiedOnly: values.studied,
    ...(token !== undefined && { token }),
    ...(known !== undefined && { signal: known }),
    ...(startMs !== undefined && { startMs }),
  };
  const timeless = positionals.find((file) => /\.avt(\.gz)?$/.test(file));
  if (timeless !== undefined && !args.isShiftedToNow && startMs === undefined) {
    throw new UsageError(`${timeless} has no calendar: say --start TIME, or --shift-to-now`);
  }
  return args;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        to: { type: "string", default: "http://127.0.0.1:4318" },
        speed: { type: "string", default: "max" },
        "shift-to-now": { type: "boolean", default: false },
        token: { type: "string" },
        signal: { type: "string" },
        start: { type: "string" },
        studied: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readSpeed(text: string): number {
  if (text === "max") return Infinity;
  const speed = Number(text);
  if (!Number.isFinite(speed) || speed <= 0 || text.trim() === "") {
    throw new UsageError(`--speed ${text} is neither a number above 0 nor max`);
  }
  return speed;
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new UsageError(`--to ${text} is not an http(s) URL`);
  return text.replace(/\/+$/, "");
}
