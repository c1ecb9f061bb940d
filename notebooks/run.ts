/** `npm run notebooks [NAME …]`: runs the notebooks from top to bottom in a kernel of this checkout and fails with the first error.
 *  Nothing is written into the checkout; `--out FOLDER` keeps the executed copies. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const FOLDER = dirname(fileURLToPath(import.meta.url));
const TSLAB = fileURLToPath(new URL("../node_modules/tslab/bin/tslab", import.meta.url));
const CELL_TIMEOUT_SECONDS = 600;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: "string" } } });
const names = positionals.length > 0 ? positionals : await notebookNames();
const scratch = await mkdtemp(join(tmpdir(), "harbinger-notebooks-"));
try {
  await describeKernel(scratch);
  const out = values.out === undefined ? join(scratch, "out") : resolve(values.out);
  await mkdir(out, { recursive: true });
  for (const name of names) run(name, out);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function notebookNames(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => name.endsWith(".ipynb")).sort();
}

/** Jupyter finds the kernel through JUPYTER_PATH, so that none has to be installed. */
async function describeKernel(folder: string): Promise<void> {
  const kernel = {
    argv: [process.execPath, "--import", "tsx", TSLAB, "kernel", "--config-path", "{connection_file}"],
    display_name: "TypeScript",
    language: "typescript",
  };
  await mkdir(join(folder, "kernels", "tslab"), { recursive: true });
  await writeFile(join(folder, "kernels", "tslab", "kernel.json"), JSON.stringify(kernel));
}

/** @throws when Jupyter is missing or a cell fails */
function run(name: string, out: string): void {
  const { error, status } = spawnSync(
    "jupyter",
    [
      ...["nbconvert", "--to", "notebook", "--execute", "--output-dir", out],
      ...[`--ExecutePreprocessor.timeout=${CELL_TIMEOUT_SECONDS}`, "--ExecutePreprocessor.startup_timeout=300", name],
    ],
    { cwd: FOLDER, stdio: "inherit", env: { ...process.env, JUPYTER_PATH: scratch } },
  );
  if (error !== undefined && "code" in error && error.code === "ENOENT") {
    throw new Error("jupyter is missing: install Debian's jupyter-nbconvert, or nbconvert and ipykernel by pip");
  }
  if (status !== 0) throw new Error(`${name} failed`);
  console.log(`${name}: ran from top to bottom`);
}
