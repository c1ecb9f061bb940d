/** Programs that really fail. Each is one source file in its own language with many faults; a comment in front of each names the fault
 *  and its class, so that the label stands beside the code that earns it:
 *
 *      # fault json-cut: serialization
 *      # fault mapped-file: data_integrity or serialization (nofile=24)
 *
 *  A program is called with the name of a fault as its first argument and LAB_MODE=raise (fail as programs do), report (catch it and
 *  print the block that `recording.ts` reads) or wrap (the same with an outer exception that says little). */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ERROR_CLASSES, type ErrorClass } from "../../models/taxonomy/classes.ts";

export type Mode = "raise" | "report" | "wrap";

export interface Program {
  /** as in the `runtime` of a labelled error */
  runtime: string;
  /** `service.name` of its errors */
  service: string;
  /** `telemetry.sdk.language`; null for what no SDK exists for */
  language: string | null;
  /** file in programs/ */
  source: string;
  /** commands that must be on the PATH */
  needs: readonly string[];
  /** builds it in the lab's folder, once; arguments may hold `{source}` and `{dir}` */
  build?: readonly (readonly string[])[];
  /** starts it; the fault's name is appended */
  start: readonly string[];
  modes: readonly Mode[];
}

export interface Fault {
  name: string;
  class: ErrorClass;
  also: ErrorClass[];
  /** bounds of prlimit(1), e.g. `nofile=24` */
  limits: string[];
}

const MARK = /\bfault ([a-z\d-]+): ([a-z_]+)(?: or ([a-z_]+(?:, [a-z_]+)*))?(?: \(([a-z]+=\d+(?:, [a-z]+=\d+)*)\))?/g;

export function sourceOf(program: Program): string {
  return fileURLToPath(new URL(`programs/${program.source}`, import.meta.url));
}

/** @throws Error naming a mark whose class is none */
export async function faultsOf(program: Program): Promise<Fault[]> {
  return readFaults(await readFile(sourceOf(program), "utf8"), program.source);
}

/** @throws Error naming a mark whose class is none, or a name that is there twice */
export function readFaults(source: string, file: string): Fault[] {
  const faults: Fault[] = [];
  for (const [, name = "", label = "", also, limits] of source.matchAll(MARK)) {
    if (faults.some((fault) => fault.name === name)) throw new Error(`${file}: fault ${name} is there twice`);
    const classOf = (word: string): ErrorClass => {
      const known = ERROR_CLASSES.find((candidate) => candidate === word);
      if (known === undefined) throw new Error(`${file}: fault ${name} is of no class: ${word}`);
      return known;
    };
    faults.push({
      name,
      class: classOf(label),
      also: also === undefined ? [] : also.split(", ").map(classOf),
      limits: limits === undefined ? [] : limits.split(", "),
    });
  }
  return faults;
}
