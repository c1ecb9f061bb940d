/** `npm run bench -- [--json FILE] [--only SUITE,…]`: speed as ratios within one run; see harness.ts. */
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { buildProgram } from "../helpers/program.ts";
import { classificationSuite } from "./classification.ts";
import { decodeSuite } from "./decode.ts";
import { fleetSuite } from "./fleet.ts";
import type { Report, Suite } from "./harness.ts";
import { suiteReport } from "./harness.ts";
import { ingestSuite } from "./ingest.ts";
import { mergeSuite } from "./merge.ts";
import { predictionSuite } from "./prediction.ts";
import { servingSuite } from "./serving.ts";
import { smallJobsSuite } from "./small-jobs.ts";
import { trainingSuite } from "./training.ts";
import { windowCloseSuite } from "./window-close.ts";

const SUITES: readonly Suite[] = [
  decodeSuite,
  predictionSuite,
  classificationSuite,
  mergeSuite,
  smallJobsSuite,
  fleetSuite,
  windowCloseSuite,
  trainingSuite,
  ingestSuite,
  servingSuite,
];

const { values } = parseArgs({ options: { json: { type: "string" }, only: { type: "string" } } });
const wanted = values.only?.split(",") ?? SUITES.map(({ name }) => name);
const unknown = wanted.filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`no suite named ${unknown.join(", ")}; there are ${SUITES.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

await buildProgram();
const report: Report = { figures: [], ratios: [] };
for (const suite of SUITES) {
  if (!wanted.includes(suite.name)) continue;
  console.log(`\n${suite.name}`);
  await suite.run(suiteReport(suite.name, report));
}
if (values.json !== undefined) {
  const machine = { node: process.version, cpus: availableParallelism(), model: cpus()[0]?.model ?? "unknown" };
  await writeFile(values.json, `${JSON.stringify({ machine, ...report }, null, 2)}\n`);
}
process.exit(0);
