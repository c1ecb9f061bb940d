/** What the notebooks look at: a public record of outages where there is one, else a made-up fleet. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OutageStudy } from "../../datasets/outages/outage-study.ts";
import { loadWebsites } from "../../datasets/outages/websites-avt.ts";
import { makeUpStudy } from "./made-up-study.ts";

const HOUR_MS = 3_600_000;

/** @param dataFolder as of HARBINGER_DATA_DIR; absent: the made-up fleet @throws when the folder lacks outages/websites.avt */
export async function loadStudy(
  dataFolder = process.env.HARBINGER_DATA_DIR,
): Promise<{ study: OutageStudy; origin: string }> {
  if (dataFolder === undefined) return { study: makeUpStudy(1), origin: "a made-up fleet" };
  const text = await readFile(join(dataFolder, "outages", "websites.avt"), "utf8");
  return { study: loadWebsites(text, HOUR_MS), origin: "websites.avt, outage within the next hour" };
}
