/** `npm run evaluate -- front-door [FILE.avt] [--horizon 60m] [--sites N] [--days D] [--seed N] [--json OUT]` */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { findRecord } from "../evaluate/find-record.ts";
import { parseDuration } from "../evaluate/parse-duration.ts";
import { evaluateFrontDoor } from "./front-door.ts";
import { printReport } from "./print-report.ts";
import { takeSlice } from "./take-slice.ts";

/** @param dataFolder where the public data is
 *  @throws RangeError when an argument or the file is wrong */
export async function runFrontDoorEvaluation(args: string[], dataFolder: string): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      horizon: { type: "string", default: "60m" },
      sites: { type: "string" },
      days: { type: "string" },
      seed: { type: "string", default: "1" },
      json: { type: "string" },
    },
  });
  if (positionals.length > 1) throw new RangeError("front-door takes one file");
  const file = findRecord(positionals[0] ?? "websites.avt", dataFolder, ["outages"]);
  const text = takeSlice(await readFile(file, "utf8"), {
    ...(values.sites === undefined ? {} : { sites: wholeNumber("sites", values.sites, 1) }),
    ...(values.days === undefined ? {} : { days: wholeNumber("days", values.days, 1) }),
  });
  const report = await evaluateFrontDoor(text, {
    horizonMs: parseDuration(values.horizon),
    seed: wholeNumber("seed", values.seed, 0),
    log: (line) => console.error(line),
    now: Date.now,
    onStart: endCleanly,
  });
  console.log(printReport(report));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

/** The data of a whole record is gigabytes in a temporary folder. */
function endCleanly(dispose: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void dispose().finally(() => process.exit(1)));
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`--${name} must be a whole number from ${least} on, got ${text}`);
  }
  return value;
}
