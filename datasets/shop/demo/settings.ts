/** The demo's command line, and the sizes that fit two cores and four minutes. */
import { parseArgs } from "node:util";

export interface DemoSettings {
  /** stop after the story is told */
  exit: boolean;
  /** where the report goes */
  jsonFile: string | undefined;
  seed: number;
  learnMs: number;
  /** undefined: `watchTime` decides */
  watchMs: number | undefined;
  windowSizeMs: number;
  horizonsMs: number[];
  primaryHorizonMs: number;
  threshold: number;
  regions: string[];
  requestsPerSecond: number;
  /** keep data and logs, here */
  folder: string | undefined;
}

export const USAGE = `npm run demo -- [--exit] [--json FILE] [--seed N] [--duration SECONDS] [--watch SECONDS]
                 [--window SECONDS] [--regions 1..4] [--folder FOLDER]
  --exit       stop after the story is told, instead of running until Ctrl-C
  --json       write what was measured to FILE
  --seed       another seed, another schedule of faults (1)
  --duration   how long Harbinger watches before it trains (125)
  --watch      how long it is watched afterwards, on faults it was not trained on (55;
               30 at least where a slow machine leaves no more of four minutes)
  --window     size of a window of event time (1)
  --regions    copies of the shop (3)
  --folder     keep data and logs in FOLDER instead of a temporary one`;

const REGION_NAMES = ["eu", "us", "ap", "sa"];

/** @throws RangeError or TypeError that names what is wrong with the arguments */
export function readSettings(args: string[]): DemoSettings | "help" {
  const { values } = parseArgs({
    args,
    options: {
      exit: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      json: { type: "string" },
      folder: { type: "string" },
      seed: { type: "string", default: "1" },
      duration: { type: "string", default: "125" },
      watch: { type: "string" },
      window: { type: "string", default: "1" },
      regions: { type: "string", default: "3" },
    },
  });
  if (values.help) return "help";
  const windowSizeMs = 1_000 * readNumber("--window", values.window, 1, 5);
  const regionCount = readNumber("--regions", values.regions, 1, REGION_NAMES.length);
  return {
    exit: values.exit,
    jsonFile: values.json,
    folder: values.folder,
    seed: readNumber("--seed", values.seed, 0, 2 ** 31),
    learnMs: 1_000 * readNumber("--duration", values.duration, 30, 36_000),
    watchMs: values.watch === undefined ? undefined : 1_000 * readNumber("--watch", values.watch, 20, 36_000),
    windowSizeMs,
    horizonsMs: [5, 10, 20, 30].map((windows) => windows * windowSizeMs),
    primaryHorizonMs: 5 * windowSizeMs,
    threshold: 0.5,
    regions: REGION_NAMES.slice(0, regionCount),
    requestsPerSecond: 8,
  };
}

/** @param elapsedMs since the demo began
 *  @returns how long to watch so that all is told within four minutes, a little for the last acts included */
export function watchTime({ watchMs }: DemoSettings, elapsedMs: number): number {
  return watchMs ?? Math.min(55_000, Math.max(30_000, 218_000 - elapsedMs));
}

function readNumber(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${name} must be a whole number from ${low} to ${high}, not ${text}`);
  }
  return value;
}
