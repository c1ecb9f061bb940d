/** Which runtime printed this text, and what it says: dispatch to the parser of that runtime. Linear in the length of the text: the
 *  markers are looked for as plain substrings, and parsers see bounded lines. */
import type { Cause, ParsedTrace, Runtime } from "./parsed-error.ts";
import { parseBeamTrace } from "./traces/beam-trace.ts";
import { parseDotnetTrace } from "./traces/dotnet-trace.ts";
import { parseGoTrace } from "./traces/go-trace.ts";
import { parseJvmTrace } from "./traces/jvm-trace.ts";
import { parseNativeTrace } from "./traces/native-trace.ts";
import { parseNodeTrace } from "./traces/node-trace.ts";
import { parsePhpTrace } from "./traces/php-trace.ts";
import { parsePerlTrace, parsePlainText } from "./traces/plain-text.ts";
import { parsePythonTrace } from "./traces/python-trace.ts";
import { parseRubyTrace } from "./traces/ruby-trace.ts";
import { parseRustTrace } from "./traces/rust-trace.ts";
import {
  parseDartTrace,
  parseHaskellTrace,
  parseLuaTrace,
  parseRTrace,
  parseSwiftTrace,
} from "./traces/script-trace.ts";
import { traceLines } from "./traces/trace-lines.ts";

const PARSERS: Readonly<Record<Runtime, (lines: readonly string[]) => Cause[]>> = {
  jvm: parseJvmTrace,
  python: parsePythonTrace,
  node: parseNodeTrace,
  go: parseGoTrace,
  rust: parseRustTrace,
  dotnet: parseDotnetTrace,
  ruby: parseRubyTrace,
  php: parsePhpTrace,
  beam: parseBeamTrace,
  native: parseNativeTrace,
  perl: parsePerlTrace,
  lua: parseLuaTrace,
  haskell: parseHaskellTrace,
  dart: parseDartTrace,
  r: parseRTrace,
  swift: parseSwiftTrace,
  plain: parsePlainText,
};

/** Reads lines as this runtime prints them, in time linear in their number; a line has at most 1 000 characters.
 *  @returns causes, outermost first; none when the lines hold no error of that runtime */
export function parserOf(runtime: Runtime): (lines: readonly string[]) => Cause[] {
  return PARSERS[runtime];
}

/** `telemetry.sdk.language` → the runtime whose format to expect where the text itself does not tell. */
const BY_LANGUAGE: Readonly<Record<string, Runtime>> = {
  java: "jvm",
  kotlin: "jvm",
  scala: "jvm",
  python: "python",
  nodejs: "node",
  webjs: "node",
  go: "go",
  rust: "rust",
  dotnet: "dotnet",
  ruby: "ruby",
  php: "php",
  erlang: "beam",
  elixir: "beam",
  cpp: "native",
  swift: "swift",
  perl: "perl",
};

/** @param text a stack trace, a log body or a message, of any length
 *  @param language `telemetry.sdk.language` when known */
export function parseTrace(text: string, language?: string): ParsedTrace {
  const lines = traceLines(text);
  const runtime = detectRuntime(lines, language);
  const chain = parserOf(runtime)(lines);
  return chain.length > 0 ? { runtime, chain } : { runtime, chain: parsePlainText(lines) };
}

function detectRuntime(lines: readonly string[], language: string | undefined): Runtime {
  const expected = language === undefined ? undefined : BY_LANGUAGE[language];
  let votes: Runtime | null = null;
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const marker = isRubyTraceback(line, lines[index + 1]) ? "ruby" : lineRuntime(line);
    // A marker of the expected runtime settles it; where another one is expected, the first is kept in mind.
    if (marker !== null && (expected === undefined || marker === expected)) return marker;
    votes ??= marker;
  }
  return votes ?? "plain";
}

/** Ruby's order with the innermost call last begins as Python's traces do. */
function isRubyTraceback(line: string, next: string | undefined): boolean {
  return (
    next !== undefined && line.trimEnd().endsWith("Traceback (most recent call last):") && /^\s*\d+: from /.test(next)
  );
}

/** The runtime that alone prints such a line; null when any may. */
export function lineRuntime(line: string): Runtime | null {
  if (line.includes("Traceback (most recent call last)")) return "python";
  if (/^\s{1,80}at \S/.test(line) || line.startsWith("at ")) return atLineRuntime(line);
  if (/^\s*(?:Caused|Wrapped) by: [\w.$]{1,200}(?:Exception|Error|Throwable)\b/.test(line)) return "jvm";
  if (line.startsWith('Exception in thread "') && !line.endsWith(":")) return "jvm";
  if (line.includes("panicked at ") || line.startsWith("note: run with `RUST_BACKTRACE")) return "rust";
  if (/^Caused by:$/.test(line)) return "rust";
  if (/^goroutine \d+ \[/.test(line) || /(?:^|[^\w])panic: /.test(line.slice(0, 200))) return "go";
  if (line.includes(" ---> ") || line.startsWith("---> ")) return "dotnet";
  if (line.startsWith("[cause]: ") || line.includes("[cause]: ")) return "node";
  if (
    /^Stack trace:$/.test(line) ||
    /^(?:PHP )?(?:Fatal|Parse) error: +(?!.*\.swift)/.test(line) ||
    isPhpNotice(line) ||
    line.includes("#0 {main}")
  )
    return "php";
  if (/:\d+:in [`'"]/.test(line)) return "ruby";
  if (isBeamLine(line)) return "beam";
  if (/^#\d+ +\S.* \((?:package|dart|file):[^()]{1,300}\)$/.test(line)) return "dart";
  if (line.startsWith("CallStack (from HasCallStack)")) return "haskell";
  if (line === "stack traceback:") return "lua";
  if (/^Error in .{1,200} : |^Execution halted$/.test(line)) return "r";
  if (/\.swift:\d+: Fatal error: |^Fatal error: .*\.swift, line \d+$/.test(line)) return "swift";
  if (isNativeLine(line)) return "native";
  if (/^Node\.js v\d/.test(line)) return "node";
  if (/^[A-Z]\w{0,60}(?:::\w{1,60}){0,8}=(?:HASH|ARRAY|SCALAR|CODE|REF)\(0x/.test(line)) return "perl";
  if (line.includes(" line ") && / at \S{1,200} line \d+\.?$/.test(line.slice(-240))) return "perl";
  if (/^ {2}File "[^"]{1,400}", line \d+/.test(line)) return "python";
  return null;
}

function isPhpNotice(line: string): boolean {
  return (
    /^(?:PHP )?(?:Warning|Notice|Deprecated): /.test(line) &&
    /\.php(?:\(\d+\) : eval\(\)'d code)? on line \d+$/.test(line)
  );
}

function isBeamLine(line: string): boolean {
  return (
    /\*\* \((?:[A-Z]\w|exit\)|throw\)|stop\))/.test(line) ||
    /^(?:.{0,40}?[: >])?\*{0,2} ?exception (?:error|exit|throw):/.test(line) ||
    /^=(?:ERROR|CRASH|SUPERVISOR) REPORT====/.test(line) ||
    /^Error in process <\d+\.\d+\.\d+>/.test(line)
  );
}

function isNativeLine(line: string): boolean {
  return (
    line.includes("terminate called ") ||
    /Sanitizer(?::|\b)/.test(line) ||
    /^\s*#\d+ +0x/.test(line) ||
    /^==\d+== (?:Memcheck|Helgrind), /.test(line) ||
    /^==\d+== {4}at 0x/.test(line) ||
    line.startsWith("Program received signal SIG") ||
    /^\S{1,300}:\d+:\d+: runtime error: /.test(line) ||
    /: Assertion [`'].* failed\.$/.test(line) ||
    /^\S{1,300}\([^()]{0,300}\) ?\[0x[\da-f]+\]$/.test(line)
  );
}

function atLineRuntime(line: string): Runtime | null {
  const text = line.trim();
  if (
    /\((?:[\w$.-]{1,120}\.(?:java|kt|scala|groovy|clj):\d+|Native Method|Unknown Source|[\w$]{1,120}\.(?:java|kt|scala))\)/.test(
      text,
    )
  ) {
    return "jvm";
  }
  if (/\) (?:\[0x|in \S{1,300}:(?:line )?\d)/.test(text)) return "dotnet";
  if (/:\d+:\d+\)?(?: \{)?$|node:internal|\(<anonymous>\)$/.test(text)) return "node";
  if (/\(\S{1,300}\.php(?::\d+)?\)$/.test(text)) return "php";
  if (/^at [A-Z][\w.`<>[\]+]{1,300}\([^)]{0,400}\)$/.test(text)) return "dotnet";
  return null;
}
