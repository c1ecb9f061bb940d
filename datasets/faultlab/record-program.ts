/** Runs one program with each of its faults and makes labelled errors of what it left behind. */
import { hash32 } from "../../models/classifier/hashing.ts";
import { createRandom } from "../shop/random.ts";
import type { Lab } from "./lab.ts";
import { type Fault, faultsOf, type Mode, type Program } from "./program.ts";
import { type Recording, readPrinted, readReport } from "./recording.ts";
import { buildProgram, runFault } from "./run-fault.ts";
import { createScrubber } from "./scrub.ts";
import { type ProvokedError, variantsOf } from "./variants.ts";

/** Most of a fault is waiting. */
const CONCURRENT_FAULTS = 4;

export interface RecordedProgram {
  errors: ProvokedError[];
  /** names of faults that left nothing behind */
  silent: string[];
}

/** The same seed gives the same variants of the same failures; what the runtimes print may differ (addresses, times).
 *  @throws Error when the program does not build */
export async function recordProgram(program: Program, lab: Lab, seed: number): Promise<RecordedProgram> {
  await buildProgram(program, lab);
  const faults = await faultsOf(program);
  const recorded = new Map<Fault, ProvokedError[]>();
  const waiting = [...faults.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, fault] = next;
      recorded.set(fault, await recordFault(program, fault, index, lab, seed));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_FAULTS }, work));
  const errorsOf = (fault: Fault): ProvokedError[] => recorded.get(fault) ?? [];
  return {
    errors: faults.flatMap(errorsOf),
    silent: faults.filter((fault) => errorsOf(fault).length === 0).map((fault) => fault.name),
  };
}

async function recordFault(program: Program, fault: Fault, index: number, lab: Lab, seed: number) {
  const pick = drawsOf(`${program.runtime} ${fault.name}`, seed);
  const scrub = createScrubber(lab, program.service, pick);
  const n = pick(90_000) + 100 + index;
  const record = async (mode: Mode): Promise<Recording | null> => {
    if (!program.modes.includes(mode)) return null;
    const outcome = await runFault(program, fault, mode, n, lab);
    const recording = mode === "raise" ? readPrinted(outcome) : readReport(outcome);
    return recording === null ? null : scrubbed(recording, scrub);
  };
  const reported = await record("report");
  const wrapped = reported === null ? null : await record("wrap");
  return variantsOf({ program, fault, reported, wrapped, printed: await record("raise") }, pick);
}

function drawsOf(name: string, seed: number): (n: number) => number {
  const random = createRandom(hash32(name, seed));
  return (n) => Math.floor(random() * n);
}

function scrubbed(recording: Recording, scrub: (text: string) => string): Recording {
  const { type, message, trace } = recording;
  return {
    ...recording,
    type: type === null ? null : scrub(type),
    message: scrub(message),
    trace: trace === null ? null : scrub(trace),
  };
}
