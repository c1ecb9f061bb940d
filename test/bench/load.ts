/** Starts the load generator as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadOrder, LoadResult } from "./load-generator.ts";

export interface Load {
  /** starts the clock; resolves when the load is over */
  run(): Promise<LoadResult>;
}

/** Resolves when every request is prepared. */
export async function prepareLoad(order: LoadOrder): Promise<Load> {
  const script = fileURLToPath(new URL("./load-generator.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(order)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = once(child, "exit");
  await Promise.race([
    once(child.stdout, "data"),
    exited.then(() => {
      throw new Error("the load generator ended early");
    }),
  ]);
  return {
    run: async () => {
      child.stdin.write("go\n");
      await exited;
      const line = output.trim().split("\n").at(-1) ?? "";
      // written by our own generator
      return JSON.parse(line) as LoadResult;
    },
  };
}
