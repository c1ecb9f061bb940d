/** Go: `panic: …` or `fatal error: …` with goroutines of two-line frames; and `%+v` of wrapped errors: message lines, each followed by
 *  `package.function` and `\tfile.go:1`. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, stripLogPrefix } from "./trace-lines.ts";

export function parseGoTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  let goroutines = 0;
  let pending: string | null = null;
  // What the runtime says of itself before a fatal error, and its own stack.
  let notes = "";
  let inRuntimeStack = false;
  for (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    const panic = /^(?:.{0,80}?\b)?(panic|fatal error): (.*)$/.exec(text);
    if (panic !== null && goroutines === 0) {
      // `panic: a [recovered]` is followed by `panic: b`: the first is the root.
      const message = panic[2]!.replace(/ \[recovered(?:, repanicked)?\]$/, "").replace(/^\([\w*. ]{1,80}\) /, "");
      // `panic(recover())` says the same again.
      if (chain[0]?.type === "panic" && chain[0].message === message) continue;
      current = { ...emptyCause(panic[1] === "panic" ? "panic" : "fatal error", message), detail: notes };
      chain.unshift(current);
      continue;
    }
    if (text === "runtime stack:") {
      inRuntimeStack = true;
      continue;
    }
    if (/^goroutine \d+/.test(text)) {
      inRuntimeStack = false;
      goroutines++;
      pending = null;
      continue;
    }
    if (goroutines > 1 || inRuntimeStack) continue;
    const place = /^(\S{1,300}\.(?:go|s|c)):\d+/.exec(text);
    if (place !== null) {
      // Above it are the frames of what panicked while it unwound, below it those of the first panic.
      if (pending?.startsWith("panic(") === true) current = chain.at(-1) ?? current;
      else if (pending !== null && current !== null) current.frames.push(goFrame(pending, place[1]!));
      pending = null;
      continue;
    }
    if (
      (text.startsWith("panic(") ||
        /^(?:created by )?[\w./\-*()@]{1,200}\.[\w.*()[\]\-{}]{1,120}(?:\(.{0,400}\))?(?: in goroutine \d+)?$/.test(
          text,
        )) &&
      (goroutines > 0 || !text.includes(" "))
    ) {
      pending = text.replace(/^created by /, "").replace(/ in goroutine \d+$/, "");
      continue;
    }
    if (text.startsWith("[signal ") || text.startsWith("exit status")) {
      if (current !== null) current.detail = appendMessageLine(current.detail, text);
      continue;
    }
    if (goroutines > 0) continue;
    if (current === null && text.startsWith("runtime: ")) notes = appendMessageLine(notes, text);
    else if (current === null) {
      current = emptyCause(null, stripLogPrefix(text));
      chain.push(current);
    } else if (current.frames.length > 0) {
      // `%+v` prints the innermost error first; what follows its frames wraps it.
      current = emptyCause(null, text);
      chain.unshift(current);
    } else current.message = appendMessageLine(current.message, text);
  }
  return chain;
}

function goFrame(call: string, file: string): Frame {
  const name = call.replace(/\((?:0x|\.\.\.|\{).*$/, "").replace(/\(\)$/, "");
  const slash = name.lastIndexOf("/");
  const dot = name.indexOf(".", slash + 1);
  const module = dot < 0 ? name : name.slice(0, dot);
  const library =
    /\/go\/src\/|\/usr\/(?:local|lib)\/go|\/pkg\/mod\/|\/vendor\//.test(file) ||
    /^(?:runtime|testing|internal|net|syscall|reflect)(?:[/.]|$)/.test(module);
  return {
    module,
    function: dot < 0 ? "" : name.slice(dot + 1).replace(/\.func\d+(?:\.\d+)*$/, ".func"),
    inApp: !library,
  };
}
