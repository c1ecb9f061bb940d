/** Ruby: `file.rb:1:in 'method': message (Type)` with `\tfrom file.rb:2:in …`; a cause follows as a block of its own. The order with the innermost
 *  call last (`Traceback (most recent call last):`, `\t1: from …`) prints causes first. Also Rails' `Type (message):` and the plain list of
 *  `file:line:in` that `backtrace.join` gives. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, splitHeader, stripLogPrefix, withoutRepeats } from "./trace-lines.ts";

const ESCAPE = String.fromCharCode(27);
const PLACE = /^(?:from )?((?:<internal:)?[^\s:][^:]{0,300}):\d+:in [`'"]([^'"]{1,200})['"]/;

export function parseRubyTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  let isReversed = false;
  let inMessage = false;
  let before: Frame[] = [];
  for (const line of lines) {
    const text = stripColours(line).trim();
    if (text === "" || isReport(text)) {
      inMessage = false;
      continue;
    }
    if (text === "Traceback (most recent call last):") {
      isReversed = true;
      continue;
    }
    const numbered = isReversed ? /^\d{1,6}: from (.*)$/.exec(text) : null;
    if (numbered !== null) {
      const caller = PLACE.exec(numbered[1]!);
      if (caller !== null) before.unshift(rubyFrame(caller[1]!, caller[2]!));
      inMessage = false;
      continue;
    }
    const place = PLACE.exec(text);
    if (place !== null) {
      const rest = text.slice(place[0].length);
      const isHeader = rest.startsWith(": ") && !text.startsWith("from ");
      if (isHeader) {
        const { type, message } = rubyHeader(rest.slice(2));
        current = emptyCause(type, message);
        inMessage = true;
        chain.push(current);
        current.frames.push(rubyFrame(place[1]!, place[2]!), ...before);
        before = [];
        continue;
      }
      inMessage = false;
      if (current === null) {
        current = emptyCause(null, "");
        chain.push(current);
      }
      current.frames.push(rubyFrame(place[1]!, place[2]!));
      continue;
    }
    if (current === null || current.frames.length === 0) {
      const rails = /^([A-Z]\w*(?:::[A-Z]\w*)*) \((.*)\):?$/.exec(stripLogPrefix(text));
      const header = rails === null ? splitHeader(stripLogPrefix(text)) : { type: rails[1]!, message: rails[2]! };
      if (current === null) {
        current = header === null ? emptyCause(null, stripLogPrefix(text)) : emptyCause(header.type, header.message);
        chain.push(current);
      } else current.message = appendMessageLine(current.message, text);
    } else if (text.startsWith("Caused by:") || text.startsWith("Causes:")) {
      const header = rubyHeader(text.replace(/^Caus\w+(?: by)?:\s*/, ""));
      current = emptyCause(header.type, header.message);
      chain.push(current);
    } else if (inMessage || chain.at(-1)?.type === null || /\([A-Z][\w:]{1,150}\)$/.test(text)) {
      // A message of several lines carries its type at the end of one of them.
      const ending = /^(.*) \(([A-Z][\w:]{1,150})\)$/.exec(text);
      current.message = appendMessageLine(current.message, ending?.[1] ?? text);
      if (ending !== null) current.type ??= ending[2]!;
    }
  }
  // Ruby reports the end of a thread, and then that of the program, by the same error.
  return withoutRepeats(isReversed ? chain.reverse() : chain);
}

/** `#<Thread:0x… a.rb:15 run> terminated with exception (report_on_exception is true):` */
function isReport(text: string): boolean {
  return text.startsWith("#<Thread:") && text.includes("terminated with exception");
}

function rubyHeader(text: string): { type: string | null; message: string } {
  if (text.endsWith(")")) {
    const open = text.lastIndexOf(" (");
    const type = open < 0 ? "" : text.slice(open + 2, -1);
    if (/^[A-Z][\w:]*$/.test(type)) return { type, message: text.slice(0, open) };
  }
  const header = splitHeader(text);
  return header ?? { type: null, message: text };
}

function rubyFrame(file: string, name: string): Frame {
  const library = /\/gems\/|\/lib\/ruby\/|^<internal:|\/rubygems\/|\/bundler\//.test(file);
  const gem = /\/gems\/([^/]+?)-\d[^/]*\/(.+)$/.exec(file);
  const module = (gem === null ? file.split("/").slice(-2).join("/") : `${gem[1]}/${gem[2]}`).replace(/\.rb$/, "");
  return { module, function: name.replace(/^(?:block|rescue|ensure) (?:\(\d+ levels\) )?in /, ""), inApp: !library };
}

/** Takes ANSI colour sequences out: Ruby highlights full messages. */
function stripColours(line: string): string {
  return line.includes(ESCAPE) ? line.split(ESCAPE).map(afterColour).join("") : line;
}

function afterColour(part: string, index: number): string {
  return index === 0 ? part : part.replace(/^\[[\d;]{0,10}m/, "");
}
