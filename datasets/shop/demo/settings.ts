/** The demo's command line, and the sizes that fit two cores: four minutes for the story, half an hour for the evaluation. */
import { parseArgs } from "node:util";

export interface DemoSettings {
  /** measure skill over many unseen episodes instead of telling the story */
  evaluate: boolean;
  /** stop after the story is told */
  exit: boolean;
  /** where the report goes */
  jsonFile: string | undefined;
  /** of the episodes that are learnt from, and of the training */
  seed: number;
  /** of the episodes that are watched: others than those learnt from */
  unseenSeed: number;
  learnMs: number;
  /** undefined: `watchTime` decides */
  watchMs: number | undefined;
  windowSizeMs: number;
  horizonsMs: number[];
  /** what the gate judges */
  primaryHorizonMs: number;
  /** a warning says that a failure begins within this */
  warningHorizonMs: number;
  /** probability from which an answer is a warning when training has not said which would be good */
  threshold: number;
  regions: string[];
  requestsPerSecond: number;
  /** healthy time before each episode of a region, shortest and longest */
  healthyMs: readonly [number, number];
  /** keep data and logs, here */
  folder: string | undefined;
}

export const USAGE = `npm run demo -- [--exit | --evaluate] [--json FILE] [--seed N] [--duration SECONDS] [--watch SECONDS]
                 [--window SECONDS] [--regions 1..4] [--folder FOLDER]
  --exit       stop after the story is told, instead of running until Ctrl-C
  --evaluate   learn longer, then watch at least 20 episodes of seeds that were not learnt from, print how many failures
               were warned of, how early, and how many alarms were false, and stop (about 30 minutes)
  --json       write what was measured to FILE
  --seed       another seed, another schedule of faults (1)
  --duration   how long Harbinger watches before it trains (140; 900 to evaluate)
  --watch      how long it is watched afterwards, on faults it was not trained on (55; 30 at least where a
               slow machine leaves no more of four minutes; 600 to evaluate)
  --window     size of a window of event time (1)
  --regions    copies of the shop (2, which leaves two cores some room)
  --folder     keep data and logs in FOLDER instead of a temporary one`;

const REGION_NAMES = ["eu", "us", "ap", "sa"];

/** @throws RangeError or TypeError that names what is wrong with the arguments */
export function readSettings(args: string[]): DemoSettings | "help" {
  const { values } = parseArgs({
    args,
    options: {
      exit: { type: "boolean", default: false },
      evaluate: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      json: { type: "string" },
      folder: { type: "string" },
      seed: { type: "string", default: "1" },
      duration: { type: "string" },
      watch: { type: "string" },
      window: { type: "string", default: "1" },
      regions: { type: "string" },
    },
  });
  if (values.help) return "help";
  const windowSizeMs = 1_000 * readNumber("--window", values.window, 1, 5);
  const { evaluate } = values;
  const regionCount = readNumber("--regions", values.regions ?? "2", 1, REGION_NAMES.length);
  const seed = readNumber("--seed", values.seed, 0, 2 ** 31);
  const duration = values.duration ?? (evaluate ? "900" : "140");
  const watch = values.watch ?? (evaluate ? "600" : undefined);
  return {
    evaluate,
    exit: values.exit || evaluate,
    jsonFile: values.json,
    folder: values.folder,
    seed,
    unseenSeed: seed + 2 ** 31,
    learnMs: 1_000 * readNumber("--duration", duration, 30, 36_000),
    watchMs: watch === undefined ? undefined : 1_000 * readNumber("--watch", watch, 20, 36_000),
    windowSizeMs,
    horizonsMs: [5, 10, 20, 30].map((windows) => windows * windowSizeMs),
    primaryHorizonMs: 5 * windowSizeMs,
    warningHorizonMs: 10 * windowSizeMs,
    threshold: 0.5,
    regions: REGION_NAMES.slice(0, regionCount),
    requestsPerSecond: 8,
    healthyMs: evaluate ? [15_000, 25_000] : [6_000, 9_000],
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
