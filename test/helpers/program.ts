/** The program as its image runs it: compiled, with the models and examples that ship with it. It starts in two thirds of the time that
 *  the sources take, and the tests that kill processes start dozens. */
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** arguments of `node`, in PROJECT */
export const PROGRAM = ["dist/services/main.js"];

/** What the compiler does not carry over; the Dockerfile says the same. */
const SHIPPED = ["models/pretrained", "datasets/errors/faultlab.jsonl"];

/** Compiles what PROGRAM names from the sources of this moment; types are checked elsewhere. */
export async function buildProgram(): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noCheck"],
    { cwd: PROJECT },
  );
  for (const path of SHIPPED) await cp(join(PROJECT, path), join(PROJECT, "dist", path), { recursive: true });
}
