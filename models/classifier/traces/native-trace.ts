/** C and C++: `terminate called after throwing an instance of 'T'` with `what():`, reports of sanitizers and valgrind, failed assertions, the
 *  signal that gdb saw, and the frames of sanitizers and gdb (`#0 0x… in function file:1`), valgrind (`at 0x…: function (file:1)`) and
 *  glibc (`program(function+0x1f)[0x…]`). */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, stripLogPrefix } from "./trace-lines.ts";

export function parseNativeTrace(lines: readonly string[]): Cause[] {
  let cause: Cause | null = null;
  let framesDone = false;
  let isPrologue = false;
  let isAfterSignal = false;
  for (const line of lines) {
    // Sanitizers and valgrind put the process number before each line.
    const text = line
      .trim()
      .replace(/^==\d{1,10}==\s?/, "")
      .trim();
    if (text === "" || /^={10,}$/.test(text)) {
      if (cause !== null && cause.frames.length > 0) framesDone = true;
      continue;
    }
    const thrown = /^terminate called after throwing an instance of '([^']{1,200})'/.exec(text);
    if (thrown !== null) {
      cause = { ...emptyCause(thrown[1]!, ""), detail: messageOf(cause) };
      continue;
    }
    const sanitizer = /^(?:ERROR|WARNING): (\w+Sanitizer): ?(.*)$/.exec(text);
    if (sanitizer !== null && cause?.type?.endsWith("Sanitizer") !== true) {
      cause = { ...emptyCause(sanitizer[1]!, sanitizer[2]!.replace(/ \(pid=\d+\)$/, "")), detail: messageOf(cause) };
      continue;
    }
    const undefinedBehaviour = /^(\S{1,300}:\d+:\d+): runtime error: (.*)$/.exec(text);
    if (undefinedBehaviour !== null && cause?.type == null) {
      const [, place, message] = undefinedBehaviour;
      cause = { ...emptyCause("UndefinedBehaviorSanitizer", message!), detail: place! };
      continue;
    }
    const signal = /^Program (?:received|terminated with) signal (SIG[A-Z]{2,8}), (.*?)\.?$/.exec(text);
    if (signal !== null) {
      if (cause?.type == null) cause = { ...emptyCause(signal[1]!, signal[2]!), detail: messageOf(cause) };
      else cause.detail = appendMessageLine(cause.detail, text);
      isPrologue = false;
      // The place and the source line, which the frames say again.
      isAfterSignal = true;
      continue;
    }
    if (text.startsWith("Memcheck, ") || text.startsWith("Helgrind, ")) {
      cause = emptyCause("valgrind", "");
      isPrologue = true;
      continue;
    }
    if (isPrologue && /^(?:Copyright|Using Valgrind|Command:|Parent PID:)/.test(text)) continue;
    const assertion = /^(?:\S{1,200}: )?(\S{1,300}):\d+: (.{1,300}): (Assertion [`'].* failed\.)$/.exec(text);
    if (assertion !== null && cause === null) {
      const [, file, signature, message] = assertion;
      const name = /([\w:~]{1,200})\(/.exec(signature!)?.[1] ?? signature!;
      cause = { ...emptyCause(null, message!), frames: [toFrame(name, ` at ${file!}`)] };
      framesDone = true;
      continue;
    }
    const frame = nativeFrame(text);
    if (frame !== null) {
      cause ??= emptyCause(null, "");
      if (!framesDone) cause.frames.push(frame);
      continue;
    }
    if (cause === null) cause = emptyCause(null, stripLogPrefix(text));
    else if (text.startsWith("what():")) cause.message = text.slice("what():".length).trim();
    else if (cause.frames.length === 0 && !isAfterSignal) cause.message = appendMessageLine(cause.message, text);
    else cause.detail = appendMessageLine(cause.detail, text);
  }
  return cause === null ? [] : [cause];
}

function messageOf(cause: Cause | null): string {
  return cause === null ? "" : cause.message;
}

function nativeFrame(text: string): Frame | null {
  const numbered = /^#\d+ +(?:0x[\da-f]+ (?:in )?)?([^\s(]{1,300})(.*)$/.exec(text);
  if (numbered !== null) return toFrame(numbered[1]!.replace(/^<.*>$/, ""), numbered[2]!);
  const valgrind = /^(?:at|by) 0x[\dA-F]+: ([^\s(]{1,300})(.*)$/.exec(text);
  if (valgrind !== null) return toFrame(valgrind[1]!, valgrind[2]!);
  const glibc = /^(\S{1,300})\(([^()+]{0,300})(?:\+0x[\da-f]+)?\) ?\[0x[\da-f]+\]$/.exec(text);
  if (glibc === null) return null;
  return toFrame(glibc[2]!, ` at ${glibc[1]!}`);
}

function toFrame(name: string, rest: string): Frame {
  const cut = name.lastIndexOf("::");
  const file = /(?:at | |\()(\/?[\w./+-]{1,200}\.(?:c|cc|cpp|cxx|h|hpp|so)[\w.]*)/.exec(rest)?.[1] ?? "";
  const library =
    /libsanitizer|libstdc|\/usr\/|sysdeps|csu\/|nptl|stdlib\/|posix\/|vgpreload|\.so/.test(file) ||
    /^(?:__|_start|std::|raise|abort|operator$|\?\?)/.test(name);
  return {
    module: cut < 0 ? (file.split("/").at(-1) ?? "") : name.slice(0, cut),
    function: name.slice(cut < 0 ? 0 : cut + 2),
    inApp: !library,
  };
}
