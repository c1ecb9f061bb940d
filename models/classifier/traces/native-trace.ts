/** C and C++: `terminate called after throwing an instance of 'T'` with `what():`, sanitizer reports, failed assertions, and the
 *  `#0 0x… in function file:1` frames of sanitizers and gdb. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, stripLogPrefix } from "./trace-lines.ts";

export function parseNativeTrace(lines: readonly string[]): Cause[] {
  let cause: Cause | null = null;
  let framesDone = false;
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || /^={10,}$/.test(text)) {
      if (cause !== null && cause.frames.length > 0) framesDone = true;
      continue;
    }
    const thrown = /^terminate called after throwing an instance of '([^']{1,200})'/.exec(text);
    if (thrown !== null) {
      cause = { ...emptyCause(thrown[1]!, ""), detail: messageOf(cause) };
      continue;
    }
    const sanitizer = /^==\d+==\s?(?:ERROR|WARNING): (\w+Sanitizer): ?(.*)$/.exec(text);
    if (sanitizer !== null && cause?.type?.endsWith("Sanitizer") !== true) {
      cause = { ...emptyCause(sanitizer[1]!, sanitizer[2]!), detail: messageOf(cause) };
      continue;
    }
    const frame = nativeFrame(text);
    if (frame !== null) {
      if (cause !== null && !framesDone) cause.frames.push(frame);
      continue;
    }
    if (cause === null) cause = emptyCause(null, stripLogPrefix(text));
    else if (text.startsWith("what():")) cause.message = text.slice("what():".length).trim();
    else if (cause.frames.length === 0) cause.message = appendMessageLine(cause.message, text);
    else cause.detail = appendMessageLine(cause.detail, text);
  }
  return cause === null ? [] : [cause];
}

function messageOf(cause: Cause | null): string {
  return cause === null ? "" : cause.message;
}

function nativeFrame(text: string): Frame | null {
  const found = /^#\d+ +(?:0x[\da-f]+ (?:in )?)?([^\s(]{1,300})(.*)$/.exec(text);
  if (found === null) return null;
  const name = found[1]!.replace(/^<.*>$/, "");
  const cut = name.lastIndexOf("::");
  const file = /(?:at | |\()(\/?[\w./+-]{1,200}\.(?:c|cc|cpp|cxx|h|hpp|so)[\w.]*)/.exec(found[2]!)?.[1] ?? "";
  const library =
    /libsanitizer|libstdc|\/usr\/|sysdeps|csu\/|nptl|\.so/.test(file) || /^(?:__|_start|std::|raise|abort)/.test(name);
  return {
    module: cut < 0 ? (file.split("/").at(-1) ?? "") : name.slice(0, cut),
    function: name.slice(cut < 0 ? 0 : cut + 2),
    inApp: !library,
  };
}
