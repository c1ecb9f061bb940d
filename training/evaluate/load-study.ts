/** Finds out which public record a path holds, and which ones there are. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { OutageStudy } from "../../datasets/outages/outage-study.ts";
import { loadPdm } from "../../datasets/outages/pdm-csv.ts";
import { loadUpptime } from "../../datasets/outages/upptime-csv.ts";
import { loadWebsites } from "../../datasets/outages/websites-avt.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The public records and the horizons at which others have scored them; paths below the data folder. */
export const PUBLIC_STUDIES: readonly { path: string; horizonMs: number }[] = [
  { path: "outages/websites.avt", horizonMs: 30 * MINUTE_MS },
  { path: "outages/websites.avt", horizonMs: 60 * MINUTE_MS },
  { path: "outages/websites.avt", horizonMs: 180 * MINUTE_MS },
  { path: "outages/upptime.csv", horizonMs: 6 * HOUR_MS },
  { path: "pdm", horizonMs: 24 * HOUR_MS },
];

/** @param path a file of outages, or a folder with PdM_errors.csv, PdM_failures.csv and PdM_maint.csv
 *  @throws RangeError when it is no known format, or a line or the horizon is wrong */
export async function loadStudyFrom(path: string, horizonMs: number): Promise<OutageStudy> {
  if (!(await stat(path)).isDirectory()) return loadStudy(await readFile(path, "utf8"), horizonMs);
  const [errors, failures, maintenance] = await Promise.all(
    ["errors", "failures", "maint"].map((name) => readFile(join(path, `PdM_${name}.csv`), "utf8")),
  );
  // One text per name.
  return loadPdm({ errors: errors!, failures: failures!, maintenance: maintenance! }, horizonMs);
}

/** Reads a study by what the file holds, not by its name.
 *  @throws RangeError as `loadStudyFrom` */
export function loadStudy(text: string, horizonMs: number): OutageStudy {
  const head = text.slice(0, text.indexOf("\n")).trim();
  if (head.startsWith("repo,service,time,status")) return loadUpptime(text, horizonMs);
  if (/^\S+ +\d+( +\d+(\.\d+)?)+$/.test(head)) return loadWebsites(text, horizonMs);
  throw new RangeError('the file is neither "name n start end …" (AVT) nor "repo,service,time,status,…" (CSV)');
}
