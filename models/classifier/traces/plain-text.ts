/** Log lines and messages without a stack trace; also Perl's `message at script.pl line 3.` */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, splitHeader, stripLogPrefix } from "./trace-lines.ts";

const MAX_LINES = 40;

export function parsePlainText(lines: readonly string[]): Cause[] {
  let cause: Cause | null = null;
  const frames: Frame[] = [];
  for (const line of lines.slice(0, MAX_LINES)) {
    const text: string = cause === null ? stripLogPrefix(line) : line.trimEnd();
    if (text.trim() === "") continue;
    const called = /^\s*([\w:]{1,200})\(.{0,300}\) called at (\S{1,300}) line \d+/.exec(text);
    if (called !== null) {
      frames.push({ module: called[2]!, function: called[1]!, inApp: !/\/(?:perl5?|share\/perl)\//.test(called[2]!) });
      continue;
    }
    if (cause === null) {
      const header = splitHeader(text);
      cause = header === null ? emptyCause(null, text) : emptyCause(header.type, header.message);
      if (header?.code != null) cause.detail = `code: '${header.code}'`;
    } else cause.message = appendMessageLine(cause.message, text);
  }
  return cause === null ? [] : [{ ...cause, frames }];
}
