/** How a process or thread of our own must be started to run the same kind of sources as this one: TypeScript needs a loader. */

/** For a child process. @param extension of the module to run, `.ts` or `.js` @returns arguments for `execArgv` */
export function loaderArguments(extension: string): string[] {
  const inherited = inheritedArguments();
  // the loader that this process runs with, or one of its own when a test runner loads our sources
  if (extension !== ".ts" || inherited.some((argument) => argument.includes("tsx"))) return inherited;
  return ["--import", import.meta.resolve("tsx")];
}

/** For a worker thread, where `--import tsx` looks after `require` only: every use of an import would then be a call of a getter, which
 *  costs tight loops a third of their speed. @param extension of the module to run @returns arguments for `execArgv` */
export function threadLoaderArguments(extension: string): string[] {
  if (extension !== ".ts") return inheritedArguments();
  return ["--import", new URL("./register-tsx.mjs", import.meta.url).href];
}

function inheritedArguments(): string[] {
  return process.execArgv.filter((argument) => !argument.startsWith("--inspect"));
}
