import type { Cause } from "../parsed-error.ts";

/** Bounds that make every parser linear: a text is cut to its head and its tail (the tail holds the innermost cause on most
 *  runtimes), a line to its beginning. Parsers then look at each line once, with expressions that are anchored and have no nested
 *  repetition. */
export const MAX_HEAD_LENGTH = 48_000;
const MAX_TAIL_LENGTH = 24_000;
const MAX_LINE_LENGTH = 1_000;
const MAX_MESSAGE_LENGTH = 2_000;

/** @returns lines without their line ends; a long text lacks its middle */
export function traceLines(text: string): string[] {
  const bounded =
    text.length <= MAX_HEAD_LENGTH + MAX_TAIL_LENGTH
      ? text
      : `${text.slice(0, MAX_HEAD_LENGTH)}\n${text.slice(-MAX_TAIL_LENGTH)}`;
  return bounded
    .split("\n")
    .map((line) => (line.length > MAX_LINE_LENGTH ? line.slice(0, MAX_LINE_LENGTH) : line).replace(/\r$/, ""));
}

/** Of causes that say the same the first one: a runtime may report an error where it ends a thread, and again where it ends the program. */
export function withoutRepeats(chain: readonly Cause[]): Cause[] {
  const seen = new Set<string>();
  return chain.filter(({ type, message }) => {
    const key = `${type}\n${message}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Adds a line of a message that spans lines. */
export function appendMessageLine(message: string, line: string): string {
  if (message.length >= MAX_MESSAGE_LENGTH) return message;
  return message === "" ? line.trim() : `${message}\n${line.trimEnd()}`.slice(0, MAX_MESSAGE_LENGTH);
}

export function indentOf(line: string): number {
  let at = 0;
  while (at < line.length && (line[at] === " " || line[at] === "\t")) at++;
  return at;
}

const TYPE_CHARACTERS = /^[A-Za-z_][\w.$:\\/`-]*$/;
const ERROR_SUFFIX =
  /(?:Error|Exception|Fault|Failure|Failed|Warning|Throwable|Interrupt|Exit|Timeout|Denied|NotFound|Panic|Abort|Group|Rejection)\d?$/;

/** Splits `Type: message` (also `Type [CODE]: message`, `Type`).
 *  @returns null when the text does not begin with something that is written like an error type */
export function splitHeader(line: string): { type: string; message: string; code: string | null } | null {
  const text = line.trim();
  const colon = findTypeEnd(text);
  const head = colon < 0 ? text : text.slice(0, colon);
  const bracket = head.endsWith("]") ? head.indexOf(" [") : -1;
  const type = bracket > 0 ? head.slice(0, bracket) : head;
  if (type.length > 200 || !TYPE_CHARACTERS.test(type)) return null;
  const qualified = type.includes(".") || type.includes("::") || type.includes("\\");
  if (!ERROR_SUFFIX.test(type) && !(qualified && colon >= 0 && /[A-Z]/.test(type))) return null;
  return {
    type,
    message: colon < 0 ? "" : text.slice(colon + 1).trim(),
    code: bracket > 0 ? head.slice(bracket + 2, -1) : null,
  };
}

/** A log line may lead to the error that it reports: `job 7 failed: java.io.IOException: disk full`. Looks for the first word that is written like an
 *  error type and followed by a colon; each word is looked at once. */
function splitLateHeader(line: string): { before: string; type: string; message: string } | null {
  let from = 0;
  for (;;) {
    const colon = line.indexOf(": ", from);
    if (colon < 0) return null;
    const start = line.lastIndexOf(" ", colon) + 1;
    const header = start >= from ? splitHeader(line.slice(start, colon + 1)) : null;
    if (header !== null && start > 0)
      return { before: line.slice(0, start).trimEnd(), type: header.type, message: line.slice(colon + 2).trim() };
    from = colon + 2;
  }
}

/** Frames follow, so the line above them has an error in it, even where it does not begin with one. */
export function nameFromMessage(cause: Cause): void {
  if (cause.type !== null || cause.frames.length > 0) return;
  const end = cause.message.indexOf("\n");
  const late = splitLateHeader(end < 0 ? cause.message : cause.message.slice(0, end));
  if (late === null) return;
  cause.type = late.type;
  cause.detail = cause.detail === "" ? late.before : `${late.before}\n${cause.detail}`;
  cause.message = end < 0 ? late.message : `${late.message}${cause.message.slice(end)}`;
}

/** The colon that ends the type: the first one that is followed by a blank or the end and is not a part of `::`. */
function findTypeEnd(text: string): number {
  let from = 0;
  for (;;) {
    const colon = text.indexOf(":", from);
    if (colon < 0 || colon > 260) return -1;
    const next = text[colon + 1];
    if (next === undefined || next === " ") return colon;
    from = colon + (next === ":" ? 2 : 1);
  }
}

const PREFIXES = [
  // syslog after RFC 5424: `<11>1 2026-03-14T22:20:50Z host tickets 20566 - - `
  /^<\d{1,3}>1 \S{1,40} \S{1,64} \S{1,64} \S{1,64} \S{1,64} (?:-|\[[^\]]{1,200}\])(?= )/,
  // Ruby: `E, [2026-03-14T00:12:18.000000 #3456] ERROR -- tickets: `
  /^[DIWEFA], \[[^\]]{10,60}\] {1,3}[A-Z]{3,7} -- [\w.-]{0,60}:(?= )/,
  // Monolog: `production.ERROR: `
  /^[a-z][\w-]{0,30}\.(?:DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY):(?= )/,
  /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(?:Z|[+-]\d\d:?\d\d)?/,
  /^\d\d:\d\d:\d\d[.,\d]*/,
  // syslog: `Nov 25 13:00:00 host unit[123]: `
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: [\w.-]{1,64} [\w./@-]{1,64}(?:\[\d{1,9}\])?:(?= ))?/,
  // Redis: `123:M 25 Nov 2026 13:00:00.123 # `
  /^\d{1,9}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} [\d:.]{8,15} [*#.-](?= )/,
  // nginx, after its time and level: `123#123: *45 `
  /^\d{1,9}#\d{1,9}: (?:\*\d{1,12} )?/,
  // klog: `E1125 13:00:00.123456       1 reflector.go:138] `
  /^[IWEF]\d{4} [\d:.]{8,15} {1,10}\d{1,9} [\w./-]{1,100}:\d{1,6}\]/,
  // MySQL: `0 [ERROR] [MY-012574] `, where the last one is no level
  /^\d{1,10} (?=\[(?:ERROR|Warning|Note|System)\])/,
  /^\[(?!MY-)[^\]]{1,40}\]/,
  /^\(?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRIT|CRITICAL|FATAL|ALERT|EMERG|PANIC|LOG)\)?[: ]/,
  /^(?:level|lvl|severity)=\w+/,
  /^(?:UTC|GMT|CET|EST)/,
  /^[-|:#]/,
];

/** Loggers' names, told from what a message begins with by what stood before them: `c.a.tickets.Worker - `, `tickets.tasks:`, `<tickets> `. */
const LOGGERS = [
  /^(?:[\w$]{1,40}\.){1,10}[\w$]{1,60} -(?= )/,
  /^(?:[a-z_]\w{0,40}\.){1,10}\w{1,60}:(?=[^\s:])/,
  /^<[\w.-]{1,60}>(?= )/,
];

const PREFIXES_WITH_LOGGERS = [...PREFIXES, ...LOGGERS];

/** Takes time stamps, levels and loggers from the beginning of a log line. */
export function stripLogPrefix(line: string): string {
  let text = line.trimStart();
  for (let round = 0; round < 8; round++) {
    const length = prefixLength(text, round === 0 ? PREFIXES : PREFIXES_WITH_LOGGERS);
    if (length === 0 || length >= text.length) return text;
    text = text.slice(length).trimStart();
  }
  return text;
}

/** @returns that of the first that fits, 0 where none does */
function prefixLength(text: string, prefixes: readonly RegExp[]): number {
  for (const prefix of prefixes) {
    const length = prefix.exec(text)?.[0].length ?? 0;
    if (length > 0) return length;
  }
  return 0;
}
