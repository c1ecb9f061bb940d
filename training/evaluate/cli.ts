/** `npm run evaluate -- outages FILE --horizon 60m [--json OUT] [--seed N] [--epochs N]`, `npm run evaluate -- errors …` and
 *  `npm run evaluate -- groups …`. */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { evaluateOutages } from "./outages.ts";
import { parseDuration } from "./parse-duration.ts";
import { reportTable } from "./report-table.ts";

const USAGE = `usage: npm run evaluate -- outages FILE --horizon 60m [--json OUT] [--seed 1] [--epochs N]
       npm run evaluate -- errors …
       npm run evaluate -- groups [TRACES.jsonl GROUPS.json] [--json OUT]`;

const [study, ...rest] = process.argv.slice(2);
try {
  if (study === "outages") await runOutages(rest);
  else if (study === "errors") await (await import("../evaluate-errors/run.ts")).runErrorsEvaluation(rest);
  else if (study === "groups") {
    const { runGroupsEvaluation } = await import("../evaluate-groups/run.ts");
    await runGroupsEvaluation(rest, process.env.HARBINGER_DATA_DIR ?? "../shared/data");
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
      horizon: { type: "string", default: "60m" },
      json: { type: "string" },
      seed: { type: "string", default: "1" },
      epochs: { type: "string" },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new RangeError(USAGE);
  const epochs = values.epochs === undefined ? undefined : wholeNumber("epochs", values.epochs);
  const report = await evaluateOutages(await readFile(file, "utf8"), {
    horizonMs: parseDuration(values.horizon),
    seed: wholeNumber("seed", values.seed),
    ...(epochs === undefined ? {} : { epochs }),
    log: (line) => console.error(line),
    now: () => performance.now(),
  });
  console.log(reportTable(report));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} must be a whole number, got ${text}`);
  return value;
}
