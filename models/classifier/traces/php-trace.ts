/** PHP: `Uncaught Type: message in file:1`, `Stack trace:`, `#0 file(1): fn(…)`, `{main}`, and `Next Type: …`, which wraps what was
 *  printed before it. OpenTelemetry's PHP SDK prints Java-like `at fn(file:1)` and `Caused by:`. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, nameFromMessage, splitHeader, stripLogPrefix } from "./trace-lines.ts";

export function parsePhpTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text === "Stack trace:" || text.startsWith("thrown in ") || text === "[stacktrace]") continue;
    // Warnings may come before the error that ends the program; of several the first one is told.
    const notice = /^(?:PHP )?(Fatal error|Parse error|Warning|Notice|Deprecated): /.exec(text);
    if (notice !== null && current !== null && current.type === null && current.frames.length === 0) {
      if (!/^(?:Fatal|Parse)/.test(notice[1]!)) continue;
      chain.length = 0;
      current = null;
    }
    const numbered = /^#\d+ (.*)$/.exec(text);
    if (numbered !== null) {
      const frame = phpFrame(numbered[1]!);
      if (current !== null) endMessage(current);
      if (frame !== null) current?.frames.push(frame);
      continue;
    }
    if (text.startsWith("at ") && current !== null) {
      const open = text.lastIndexOf("(");
      if (open > 3) current.frames.push(toFrame(text.slice(open + 1).replace(/(?::\d+)?\)$/, ""), text.slice(3, open)));
      continue;
    }
    const next = /^(?:\[previous exception\] \[object\] \(|Next |Caused by: )(.*)$/.exec(text);
    if (next !== null || current === null) {
      current = headerCause(next?.[1] ?? stripLogPrefix(text));
      if (next !== null && text.startsWith("Next ")) chain.unshift(current);
      else chain.push(current);
    } else if (current.frames.length === 0) current.message = appendMessageLine(current.message, text);
  }
  return chain;
}

/** The place stands at the end of the message, which may span lines. */
function endMessage(cause: Cause): void {
  nameFromMessage(cause);
  if (cause.frames.length === 0) cause.message = withoutPlace(cause.message);
}

function withoutPlace(message: string): string {
  const at = message.lastIndexOf(" in /");
  return at > 0 && /^ in \/[^\s]{1,300}(?: : eval\(\)'d code)?(?::\d+| on line \d+)$/.test(message.slice(at))
    ? message.slice(0, at)
    : message;
}

function headerCause(text: string): Cause {
  const clean = withoutPlace(
    text
      .replace(/^PHP /, "")
      .replace(/^(?:Fatal error|Parse error|Warning|Notice|Deprecated): +/, "")
      .replace(/^Uncaught /, "")
      .replace(/^\[object\] \(/, ""),
  );
  const header = splitHeader(clean);
  return header === null ? emptyCause(null, clean) : emptyCause(header.type.replace(/^\\/, ""), header.message);
}

function phpFrame(text: string): Frame | null {
  const found = /^(?:\[internal function\]|([^(]{1,300})\(\d+\)): ([^(]{1,200})\(/.exec(text);
  return found === null ? null : toFrame(found[1] ?? "[internal]", found[2]!);
}

function toFrame(file: string, call: string): Frame {
  const cut = Math.max(call.lastIndexOf("->"), call.lastIndexOf("::"));
  return {
    module: (cut < 0 ? file.split("/").slice(-2).join("/") : call.slice(0, cut)).replace(/\.php$/, ""),
    function: cut < 0 ? call : call.slice(cut + 2),
    inApp: !/\/vendor\/|^\[internal|^phar:/.test(file),
  };
}
