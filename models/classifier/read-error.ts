/** One error record, read: the chain of causes from its exception, stack trace and body, the innermost of them, and all codes. Rules,
 *  features, fingerprint and memory start from this and never look at the record's text again. */
import type { ErrorRecord } from "../telemetry/records.ts";
import { codesOfAttributes, codesOfText, codesOfType } from "./codes.ts";
import { parseTrace } from "./parse-trace.ts";
import { type Cause, emptyCause, type Runtime } from "./parsed-error.ts";
import { unwrapLogLine } from "./traces/log-envelope.ts";
import { MAX_HEAD_LENGTH, splitHeader } from "./traces/trace-lines.ts";

const MAX_CHAIN = 8;
const MAX_CODE_TEXT = 4_000;
const MAX_TYPE_LENGTH = 500;

export interface ReadCause extends Cause {
  codes: string[];
}

export interface ReadError {
  runtime: Runtime;
  /** the type that the record names, else that of the outermost cause */
  exceptionType: string | null;
  /** outermost first, at least one */
  chain: ReadCause[];
  /** the innermost cause, last of the chain */
  root: ReadCause;
  attributeCodes: string[];
  /** words beside the exception: span name, body of a record that also has an exception */
  context: string;
  severityText: string | null;
}

/** An error before its codes are looked for, which is all that its identity needs. */
export interface ErrorCauses extends Omit<ReadError, "chain" | "root"> {
  chain: Cause[];
  root: Cause;
  isBeam: boolean;
}

/** @param record any text in any field; the work is linear in its length
 *  @param parse `parseTrace`, or one that remembers */
export function readError(record: ErrorRecord, parse: typeof parseTrace = parseTrace): ReadError {
  return withCodes(readCauses(record, parse));
}

export function withCodes({ isBeam, ...error }: ErrorCauses): ReadError {
  const chain = error.chain.map((cause) => ({ ...cause, codes: codesOfCause(cause, isBeam) }));
  // As many as there are causes.
  return { ...error, chain, root: chain.at(-1)! };
}

export function readCauses(record: ErrorRecord, parse: typeof parseTrace = parseTrace): ErrorCauses {
  const type = clean(record.exceptionType)?.slice(0, MAX_TYPE_LENGTH) ?? null;
  const message = clean(record.exceptionMessage);
  const body = clean(record.body);
  const isException = type !== null || message !== null || record.stacktrace !== undefined;
  const text = record.stacktrace ?? message ?? (body === null ? "" : unwrapLogLine(body));
  const parsed = parse(text, record.language);
  const own = emptyCause(type, message ?? (type !== null && record.stacktrace === undefined ? (body ?? "") : ""));
  const chain = (isException ? joinOwn(own, parsed.chain, record.stacktrace !== undefined) : parsed.chain).flatMap(
    embeddedCauses,
  );
  const bounded = chain.length > MAX_CHAIN ? [chain[0]!, ...chain.slice(1 - MAX_CHAIN)] : chain;
  if (bounded.length === 0) bounded.push(emptyCause(type, body ?? ""));
  const isBeam = parsed.runtime === "beam" || record.language === "erlang" || record.language === "elixir";
  return {
    runtime: parsed.runtime,
    isBeam,
    exceptionType: type ?? bounded[0]!.type,
    chain: bounded,
    root: bounded.at(-1)!,
    attributeCodes: codesOfAttributes(record.attributes),
    context: [record.spanName, isException && body !== message ? body : null]
      .filter((part) => part != null)
      .join("\n")
      .slice(0, 2_000),
    severityText: record.severityText ?? null,
  };
}

function clean(text: string | undefined): string | null {
  if (text === undefined || text === "" || text === "null") return null;
  return text.slice(0, MAX_HEAD_LENGTH);
}

/** Joins what the record says with what its trace says: the trace's outermost cause is mostly the exception itself. */
function joinOwn(own: Cause, chain: Cause[], hasTrace: boolean): Cause[] {
  const outer = chain[0];
  if (outer === undefined) return [own];
  if (!hasTrace) {
    // The chain was read from the message itself, which may hold a trace of its own.
    if (chain.length === 1 && outer.frames.length === 0) {
      const inMessage = outer.type !== null && own.type === null;
      return [inMessage ? { ...outer } : { ...own, detail: outer.detail }];
    }
    if (own.type === null) return chain;
    return [{ ...outer, type: own.type, ...(outer.type === null ? {} : { detail: outer.type }) }, ...chain.slice(1)];
  }
  const isSame =
    own.type === null || outer.type === null || sameType(own.type, outer.type) || outer.message === own.message;
  if (!isSame && chain.some((cause) => cause.type !== null && sameType(own.type!, cause.type))) return chain;
  const merged: Cause = {
    type: own.type ?? outer.type,
    message: own.message === "" ? outer.message : own.message,
    frames: outer.frames,
    detail:
      outer.message !== own.message && own.message !== "" && !own.message.includes(outer.message)
        ? `${outer.message}\n${outer.detail}`
        : outer.detail,
  };
  return [merged, ...chain.slice(1)];
}

function sameType(left: string, right: string): boolean {
  return (
    left === right ||
    left.endsWith(`.${right}`) ||
    right.endsWith(`.${left}`) ||
    left.endsWith(`::${right}`) ||
    right.endsWith(`::${left}`)
  );
}

const LEADS = [
  "nested exception is ",
  "(Caused by ",
  " ---> ",
  "Caused by: ",
  "caused by: ",
  "root cause: ",
  "Root cause: ",
  "inner exception: ",
];

/** A message may carry its cause within: `outer; nested exception is java.net.ConnectException: refused`. */
function embeddedCauses(cause: Cause): Cause[] {
  let cut = -1;
  let lead = "";
  for (const candidate of LEADS) {
    const at = cause.message.lastIndexOf(candidate);
    if (at > cut) {
      cut = at;
      lead = candidate;
    }
  }
  if (cut <= 0) return [cause];
  const inner = withoutTail(cause.message.slice(cut + lead.length), ")");
  if (inner.trim().length < 3) return [cause];
  const header = splitHeader(inner.replace(/^([\w.]{1,120})\(/, "$1: "));
  const outer = { ...cause, message: withoutTail(cause.message.slice(0, cut), ";:,. ") };
  return [outer, header === null ? emptyCause(null, inner) : emptyCause(header.type, header.message)];
}

/** A loop, because an expression that ends in `+$` tries again from every character of a long run. */
function withoutTail(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

function codesOfCause(cause: Cause, isBeam: boolean): string[] {
  const text = `${cause.message.slice(0, MAX_CODE_TEXT)}\n${cause.detail.slice(0, MAX_CODE_TEXT)}`;
  const codes = new Set(codesOfText(text, isBeam));
  if (cause.type !== null) {
    for (const code of codesOfType(cause.type)) codes.add(code);
    if (isBeam) for (const code of codesOfText(cause.type, true)) codes.add(code);
  }
  return [...codes];
}
