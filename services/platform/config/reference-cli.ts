/** `npm run docs:config` writes docs/configuration.md; with `--check` it only says whether the page is up to date. */
import { readFile, writeFile } from "node:fs/promises";
import { renderConfigurationReference } from "./reference.ts";

const page = new URL("../../../docs/configuration.md", import.meta.url);
const rendered = renderConfigurationReference();

if (process.argv.includes("--check")) {
  const present = await readFile(page, "utf8").catch(() => "");
  if (present !== rendered) {
    console.error("docs/configuration.md is out of date: run `npm run docs:config`");
    process.exitCode = 1;
  }
} else {
  await writeFile(page, rendered);
}
