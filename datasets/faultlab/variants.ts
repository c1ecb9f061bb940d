/** From what a program's failure left behind to labelled errors: as an SDK would send it, as a log collector would, and as people
 *  write about it in their own words, which is the hard kind. */
import { CLASS_GUIDE } from "../../models/taxonomy/class-guide.ts";
import { businessOutcome, wrapperType } from "../errors/business-words.ts";
import type { LabelledError } from "../errors/labelled-error.ts";
import { FORMAT_COUNT, formatLine } from "./log-formats.ts";
import type { Fault, Program } from "./program.ts";
import type { Recording } from "./recording.ts";

export interface RecordedFault {
  program: Program;
  fault: Fault;
  /** caught by the program; null when it could not be */
  reported: Recording | null;
  /** caught and wrapped by the program */
  wrapped: Recording | null;
  /** printed by the runtime */
  printed: Recording | null;
}

export interface ProvokedError extends LabelledError {
  scenario: string;
  severity: string;
  retryable: boolean;
}

/** @param pick draws an integer in [0, n) */
export function variantsOf(recorded: RecordedFault, pick: (n: number) => number): ProvokedError[] {
  const { reported, wrapped, printed } = recorded;
  const errors: ProvokedError[] = [];
  const add = (form: string, fields: Partial<LabelledError> & { hard: boolean }): void => {
    errors.push(makeError(recorded, form, fields));
  };
  if (reported !== null) {
    add("caught", {
      kind: "exception",
      exception_type: reported.type,
      message: reported.message,
      stacktrace: reported.trace,
      hard: false,
    });
    if (hasWords(reported.message))
      add("told", { kind: "log", message: toldAs(reported, recorded.program.service, pick), hard: true });
  }
  if (wrapped !== null) {
    add("wrapped", {
      kind: "exception",
      exception_type: wrapped.type,
      message: wrapped.message,
      stacktrace: wrapped.trace,
      hard: true,
    });
  }
  if (printed !== null) {
    const exit = printed.exitCode === 0 ? {} : { attributes: { "process.exit.code": printed.exitCode } };
    add("printed", { kind: "log", message: printed.message, ...exit, hard: false });
  }
  if (reported !== null && reported.type !== null && wrapped === null && hasWords(reported.message) && pick(2) === 0) {
    // A wrapper of another layer: the text of the cause is all that is left of it.
    add("rethrown", {
      kind: "exception",
      exception_type: wrapperType(pick),
      message: `${businessOutcome(pick)}: ${reported.message}`,
      hard: true,
    });
  }
  return errors;
}

/** A message that is only a path, a number or `null` tells nothing once its type is gone. */
function hasWords(message: string): boolean {
  const words = message.split(/\s+/).filter((word) => /^[\p{L}'’-]{2,}[.,:;!?]?$/u.test(word) && word !== "null");
  return words.length >= 2;
}

/** A line of a log without a type: what was not done, then the cause in the words of its message. */
function toldAs(reported: Recording, service: string, pick: (n: number) => number): string {
  const outcome = businessOutcome(pick);
  const message = firstLines(reported.message);
  const joined = [
    `${outcome}: ${message}`,
    `${outcome} (${message})`,
    `${message} - ${outcome}`,
    `${outcome}, reason: ${message}`,
  ];
  // Half of all lines stand alone, as structured logging leaves them.
  const format = pick(2) === 0 ? 0 : pick(FORMAT_COUNT);
  return formatLine(format, { text: joined[pick(joined.length)]!, service, n: pick(1_000_000) });
}

function firstLines(message: string): string {
  return message.split("\n").slice(0, 2).join(" ").slice(0, 300);
}

function makeError(
  { program, fault }: RecordedFault,
  form: string,
  fields: Partial<LabelledError> & { hard: boolean },
): ProvokedError {
  const guide = CLASS_GUIDE[fault.class];
  return {
    id: `${program.runtime}-${fault.name}-${form}`,
    scenario: `${program.runtime}-${fault.name}`,
    family: `provoked-${fault.name}`,
    runtime: program.runtime,
    kind: "log",
    severity_text: "ERROR",
    exception_type: null,
    message: null,
    stacktrace: null,
    attributes: {},
    resource: { "service.name": program.service, "telemetry.sdk.language": program.language },
    class: fault.class,
    also: fault.also,
    severity: guide.severity,
    retryable: guide.retryable,
    ...fields,
  };
}
