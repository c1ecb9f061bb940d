/** `npm run evaluate -- outages [PATH --horizon 60m] [--json OUT] [--seed N] [--epochs N]`, `npm run evaluate -- errors …`,
 *  `npm run evaluate -- groups …` and `npm run evaluate -- front-door …`. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findRecord } from "./find-record.ts";
import { learningCurve, learningCurveTable } from "./learning-curve.ts";
import { loadStudyFrom, PUBLIC_STUDIES } from "./load-study.ts";
import { evaluateOutages, type OutagesReport } from "./outages.ts";
import { parseDuration } from "./parse-duration.ts";
import { reportTable } from "./report-table.ts";
import { summaryTable } from "./summary-table.ts";

const USAGE = `usage: npm run evaluate -- outages [--json OUT] [--seed 1] [--epochs N]
         all public records below HARBINGER_DATA_DIR (default ../shared/data)
       npm run evaluate -- outages PATH [--horizon 60m] …
         one file of outages, or one folder of the predictive-maintenance sample
         --learning-curve: scores on validation by the length of the history instead
       npm run evaluate -- errors [--json OUT] [--seed 1]
         the held-out third of faultlab.jsonl, by a model fitted without it
       npm run evaluate -- errors --train FILE.jsonl|pretrained --test FILE.jsonl …
       npm run evaluate -- errors --feedback 0.3 FILE.jsonl …
       npm run evaluate -- groups [TRACES.jsonl GROUPS.json] [--json OUT]
       npm run evaluate -- front-door [FILE.avt] [--horizon 60m] [--sites N] [--days D] [--seed 1] [--json OUT]
       Files are also looked for by name below HARBINGER_DATA_DIR.`;

const DATA_FOLDER = process.env.HARBINGER_DATA_DIR ?? join(import.meta.dirname, "../../../shared/data");

const [study, ...rest] = process.argv.slice(2);
try {
  if (study === "outages") await runOutages(rest);
  else if (study === "errors") await (await import("../evaluate-errors/run.ts")).runErrorsEvaluation(rest, DATA_FOLDER);
  else if (study === "groups") {
    const { runGroupsEvaluation } = await import("../evaluate-groups/run.ts");
    await runGroupsEvaluation(rest, DATA_FOLDER);
  } else if (study === "front-door") {
    const { runFrontDoorEvaluation } = await import("../evaluate-front-door/run.ts");
    await runFrontDoorEvaluation(rest, DATA_FOLDER);
  } else throw new RangeError(USAGE);
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}

async function runOutages(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      horizon: { type: "string" },
      json: { type: "string" },
      seed: { type: "string", default: "1" },
      epochs: { type: "string" },
      "learning-curve": { type: "boolean", default: false },
    },
  });
  if (positionals.length > 1) throw new RangeError(USAGE);
  const path = positionals[0] === undefined ? undefined : findRecord(positionals[0], DATA_FOLDER, ["outages"]);
  const studies = path === undefined ? publicStudies() : [{ path, horizonMs: parseDuration(values.horizon ?? "60m") }];
  const epochs = values.epochs === undefined ? undefined : wholeNumber("epochs", values.epochs);
  const reports: OutagesReport[] = [];
  const options = {
    seed: wholeNumber("seed", values.seed),
    ...(epochs === undefined ? {} : { epochs }),
    log: (line: string) => console.error(line),
    now: () => performance.now(),
  };
  for (const { path: from, horizonMs } of studies) {
    const study = await loadStudyFrom(from, horizonMs);
    if (values["learning-curve"]) {
      console.log(`${study.format}\n${learningCurveTable(await learningCurve(study, options))}\n`);
      continue;
    }
    const report = await evaluateOutages(study, options);
    console.log(`${reportTable(report)}\n`);
    reports.push(report);
  }
  if (reports.length > 1) console.log(summaryTable(reports));
  if (values.json === undefined || reports.length === 0) return;
  const written = path === undefined ? reports : reports[0];
  await writeFile(values.json, `${JSON.stringify(written, null, 2)}\n`);
}

/** @throws RangeError when there is no public data */
function publicStudies(): { path: string; horizonMs: number }[] {
  const studies = PUBLIC_STUDIES.map(({ path, horizonMs }) => ({ path: join(DATA_FOLDER, path), horizonMs }));
  const found = studies.filter(({ path }) => existsSync(path));
  for (const { path } of studies) if (!existsSync(path)) console.error(`skipped: there is no ${path}`);
  if (found.length === 0) throw new RangeError(`there is no public data in ${DATA_FOLDER}; set HARBINGER_DATA_DIR`);
  return found;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} must be a whole number, got ${text}`);
  return value;
}
