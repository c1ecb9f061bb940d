/** `npm run faultlab -- --out FILE [--only ruby,go] [--seed 1]`: runs every program of the lab with every fault and writes what failed,
 *  labelled, one JSON object a line in the format of datasets/errors/faultlab.jsonl. Runtimes that are not installed are skipped, and
 *  said so. LAB_PG names a PostgreSQL server for the faults that need one (default: postgres@127.0.0.1). */
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openLab } from "./lab.ts";
import type { Program } from "./program.ts";
import { PROGRAMS } from "./programs.ts";
import { recordProgram } from "./record-program.ts";

/** Programs run without rights: what lies in a home folder is out of their reach. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

const { values } = parseArgs({
  options: { out: { type: "string" }, only: { type: "string" }, seed: { type: "string", default: "1" } },
});
if (values.out === undefined)
  throw new RangeError("usage: npm run faultlab -- --out FILE [--only RUNTIME,…] [--seed 1]");
const only = values.only?.split(",");
const lab = await openLab({
  path: SYSTEM_PATH,
  databaseUrl: process.env.LAB_PG ?? "postgres://postgres@127.0.0.1:5432/postgres",
});
try {
  const lines: string[] = [];
  for (const program of PROGRAMS) {
    if (only !== undefined && !only.includes(program.runtime)) continue;
    const missing = await missingCommands(program);
    if (missing.length > 0) {
      console.error(`${program.runtime}: skipped, ${missing.join(" and ")} not found`);
      continue;
    }
    const { errors, silent } = await recordProgram(program, lab, Number(values.seed));
    console.error(
      `${program.runtime}: ${errors.length} errors${silent.length === 0 ? "" : `; did not fail: ${silent.join(" ")}`}`,
    );
    lines.push(...errors.map((error) => JSON.stringify(error)));
  }
  await writeFile(values.out, `${lines.join("\n")}\n`);
} finally {
  await lab.close();
}

async function missingCommands({ needs }: Program): Promise<string[]> {
  const found = await Promise.all(needs.map(isOnPath));
  return needs.filter((_, index) => !found[index]);
}

async function isOnPath(command: string): Promise<boolean> {
  for (const folder of SYSTEM_PATH.split(":")) {
    try {
      await access(join(folder, command));
      return true;
    } catch {
      // Not in this folder.
    }
  }
  return false;
}
