/** Log lines and messages without a stack trace; also Perl's `message at script.pl line 3.`, Carp's `\tPackage::name(…) called at …` and
 *  error objects that print as `Package::Name=HASH(0x…)`. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { serverLine, takeBeside } from "./server-log.ts";
import { appendMessageLine, splitHeader, stripLogPrefix } from "./trace-lines.ts";

const MAX_LINES = 40;
/** .NET's console: the logger has a line of its own. */
const LOGGER_LINE = /^(?:fail|crit|warn|info): [\w.`+]{1,200}\[\d{1,9}\]$/;
const PERL_LIBRARY = /\/(?:perl5?|share\/perl)\//;

export function parsePlainText(lines: readonly string[]): Cause[] {
  let cause: Cause | null = null;
  const frames: Frame[] = [];
  for (const line of lines.slice(0, MAX_LINES)) {
    const text: string = cause === null ? stripLogPrefix(line) : line.trimEnd();
    if (text.trim() === "" || (cause === null && LOGGER_LINE.test(text))) continue;
    const called = /^\s*([\w:]{1,200})\(.{0,300}\) called at (\S{1,300}) line \d+/.exec(text);
    if (called !== null) {
      frames.push({ module: called[2]!, function: called[1]!, inApp: !PERL_LIBRARY.test(called[2]!) });
      continue;
    }
    if (cause === null) {
      const header = splitHeader(text);
      cause = header === null ? (serverLine(text) ?? emptyCause(null, text)) : emptyCause(header.type, header.message);
      if (header?.code != null) cause.detail = `code: '${header.code}'`;
    } else if (!takeBeside(cause, stripLogPrefix(text))) cause.message = appendMessageLine(cause.message, text);
  }
  return cause === null ? [] : [{ ...cause, frames }];
}

export function parsePerlTrace(lines: readonly string[]): Cause[] {
  const [cause] = parsePlainText(lines);
  if (cause === undefined) return [];
  const object = /^([A-Z]\w{0,60}(?:::\w{1,60}){0,8})=[A-Z]{2,10}\(0x[\da-f]{1,16}\)/.exec(cause.message);
  if (object !== null) return [{ ...cause, type: object[1]!, message: cause.message.slice(object[0].length).trim() }];
  // The place stands at the end of the first line.
  const end = cause.message.indexOf("\n");
  const first = end < 0 ? cause.message : cause.message.slice(0, end);
  const placed = /^ at (\S{1,300}) line \d{1,9}(?:, <[^>]{1,60}> line \d{1,9})?\.?$/.exec(
    first.slice(first.lastIndexOf(" at ")),
  );
  if (placed === null) return [cause];
  const message = `${first.slice(0, first.lastIndexOf(" at "))}${end < 0 ? "" : cause.message.slice(end)}`;
  const thrown: Frame = { module: placed[1]!, function: "", inApp: !PERL_LIBRARY.test(placed[1]!) };
  return [{ ...cause, message, frames: cause.frames.length > 0 ? cause.frames : [thrown] }];
}
