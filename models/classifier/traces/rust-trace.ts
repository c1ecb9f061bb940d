/** Rust: panics in both spellings (message on the next line since 1.73, quoted before), numbered backtraces, and the `Caused by:`
 *  lists of anyhow and eyre. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, stripLogPrefix } from "./trace-lines.ts";

/** Where the compiler's own sources, its toolchain and fetched crates lie. */
const OF_A_LIBRARY = /^at (?:\/rustc\/|.{0,200}[\\/](?:\.cargo|rustlib|vendor)[\\/])/;

export function parseRustTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  let inCauses = false;
  let inBacktrace = false;
  for (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    const panic = /^.{0,80}?\bpanicked at (.*)$/.exec(text);
    if (panic !== null && !inBacktrace) {
      const quoted = /^'(.*)', \S{1,200}$/.exec(panic[1]!);
      current = emptyCause("panic", quoted?.[1] ?? "");
      chain.push(current);
      inCauses = false;
      continue;
    }
    if (/^(?:Caused by|Cause):?$/i.test(text)) {
      inCauses = true;
      inBacktrace = false;
      continue;
    }
    if (/^(?:stack backtrace|Stack backtrace|Backtrace|BACKTRACE)\b/.test(text)) {
      inBacktrace = true;
      inCauses = false;
      continue;
    }
    if (text.startsWith("at ")) {
      const frame = inBacktrace ? chain.at(-1)?.frames.at(-1) : undefined;
      if (frame !== undefined && OF_A_LIBRARY.test(text)) frame.inApp = false;
      continue;
    }
    if (text.startsWith("note: ")) continue;
    if (inBacktrace) {
      const frame = /^\d+: +(?:0x[\da-f]+ - )?(.{1,300})$/.exec(text);
      if (frame !== null) chain.at(-1)?.frames.push(rustFrame(frame[1]!));
      continue;
    }
    if (inCauses) {
      const numbered = /^(?:\d+: )(.*)$/.exec(text);
      const isContinuation = numbered === null && chain.length > 1 && /^ {6,}/.test(line);
      if (isContinuation) chain.at(-1)!.message = appendMessageLine(chain.at(-1)!.message, text);
      else chain.push(emptyCause(null, numbered?.[1] ?? text));
      continue;
    }
    if (current === null) {
      current = emptyCause(null, stripLogPrefix(text).replace(/^Error: /, ""));
      chain.push(current);
    } else current.message = appendMessageLine(current.message, text);
  }
  const unwrapped = chain.map(unwrappedCause).filter((cause) => cause !== null);
  return [...chain, ...unwrapped];
}

const UNWRAPPED = /^called `Result::unwrap\(\)` on an `Err` value: ([\s\S]{1,1000})$/;

/** What stands in an `Err` that a program took for an `Ok` is why it panicked: `Os { code: 111, kind: ConnectionRefused, message: "…" }`,
 *  `LedgerError("…")`, or what else `Debug` prints. */
function unwrappedCause({ type, message }: Cause): Cause | null {
  const value = type === "panic" ? UNWRAPPED.exec(message)?.[1] : undefined;
  if (value === undefined) return null;
  const os = /^(?:Os|Custom) \{ (?:code: (\d{1,5}), )?kind: (\w{1,40}), (?:message|error): "?(.{0,800}?)"? \}$/.exec(
    value,
  );
  if (os !== null)
    return emptyCause("std::io::Error", `${os[3]!} (${os[2]!}${os[1] === undefined ? "" : `, os error ${os[1]}`})`);
  const named = /^([A-Z]\w{0,80})(?:\("(.{0,800})"\)| \{ (.{0,800}) \}|\((.{0,800})\))?$/.exec(value);
  return named === null ? emptyCause(null, value) : emptyCause(named[1]!, named[2] ?? named[3] ?? named[4] ?? "");
}

/** `<T as Trait>::f` → `T::f`, `f::<i32>` → `f`, `Option<T>::unwrap` → `Option::unwrap`; one pass over the brackets. */
function withoutGenerics(printed: string): string {
  const text = printed.startsWith("<<") ? printed.slice(printed.lastIndexOf("<", printed.search(/[^<]/))) : printed;
  let name = "";
  let depth = 0;
  // Of a bracket at the beginning, the type before ` as ` is the name.
  const isQualified = text.startsWith("<");
  let isType = isQualified;
  for (let at = isQualified ? 1 : 0; at < text.length; at++) {
    const char = text[at]!;
    if (isType) {
      if (char === "<") depth++;
      else if (char === ">" && depth > 0) depth--;
      else if (depth === 0 && (char === ">" || text.startsWith(" as ", at))) {
        isType = false;
        if (char !== ">") depth = 1;
        else continue;
      }
      if (isType && depth === 0 && char !== ">") name += char;
      continue;
    }
    if (char === "<") depth++;
    else if (char === ">" && text[at - 1] !== "-") depth = Math.max(0, depth - 1);
    else if (depth === 0) name += char;
  }
  // Brackets within the type: its method as a trait's keeps the type and the method.
  const as = name.indexOf(" as ");
  const whole = as < 0 ? name : `${name.slice(0, as)}::${name.slice(name.lastIndexOf("::") + 2)}`;
  return whole.replace(/::(?=::)|::$/g, "");
}

function rustFrame(text: string): Frame {
  const name = withoutGenerics(text.replace(/::h[\da-f]{16}$/, "").replace(/\[[\da-f]{16}\]/g, ""));
  const cut = name.lastIndexOf("::");
  const library =
    /^(?:std|core|alloc|tokio|hyper|rayon|futures|__rust|rust_|_start|main$|__libc|clone|start_thread|<?alloc|backtrace)/.test(
      name,
    );
  return {
    module: cut < 0 ? name : name.slice(0, cut),
    function: cut < 0 ? "" : name.slice(cut + 2),
    inApp: !library && name.includes("::"),
  };
}
