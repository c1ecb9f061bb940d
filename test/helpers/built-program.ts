/** vitest globalSetup: the program is built once for all projects of a run. */
import { buildProgram } from "./program.ts";

/** Each project loads this file for itself, so what they share hangs on the process. */
const KEY = Symbol.for("harbinger.test-program");

export default async function setup(): Promise<void> {
  const holder = globalThis as unknown as Record<symbol, Promise<void> | undefined>;
  holder[KEY] ??= buildProgram();
  await holder[KEY];
}
