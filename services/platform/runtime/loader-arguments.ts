/** How a process or thread of our own must be started to run the same kind of sources as this one. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** TypeScript sources need the loader that this process runs with, or one of their own when a test runner loads them for us.
 *  @param extension of the module to run, `.ts` or `.js` @returns arguments for `execArgv` */
export function loaderArguments(extension: string): string[] {
  const inherited = process.execArgv.filter((argument) => !argument.startsWith("--inspect"));
  if (extension !== ".ts" || inherited.some((argument) => argument.includes("tsx"))) return inherited;
  return ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
}
