/** What a program's output says of its error. In the modes report and wrap a program prints
 *
 *      @@type NAME
 *      @@message TEXT (may go on over lines)
 *      @@trace
 *      TEXT
 *      @@end
 *
 *  in mode raise whatever its runtime prints when nobody catches. */
import type { Outcome } from "./run-fault.ts";

export interface Recording {
  /** null for what was only printed */
  type: string | null;
  message: string;
  trace: string | null;
  exitCode: number;
}

const BLOCK = /^@@type ?(.*)\n@@message ?([\s\S]*?)\n@@trace\n([\s\S]*?)\n?@@end$/m;
const MAX_TRACE = 8_000;
const MAX_TEXT = 4_000;

/** @returns null when the program did not print the block: its fault ended the process before it could be caught */
export function readReport({ stdout, exitCode }: Outcome): Recording | null {
  const found = BLOCK.exec(stdout);
  if (found === null) return null;
  const [, type = "", message = "", trace = ""] = found;
  return {
    type: type.trim() === "" ? null : type.trim(),
    message: message.trim().slice(0, MAX_TEXT),
    trace: trace.trim() === "" ? null : trace.trim().slice(0, MAX_TRACE),
    exitCode,
  };
}

/** @returns null when nothing was printed */
export function readPrinted({ stdout, stderr, exitCode }: Outcome): Recording | null {
  const text = (stderr.trim() === "" ? stdout : stderr).trim();
  return text === "" ? null : { type: null, message: text.slice(0, MAX_TEXT), trace: null, exitCode };
}
