/** Reading takes time in proportion to the text, whatever stands in it: each parser is fed a megabyte of what its format almost is, in lines
 *  as long as it ever sees. What is compared is processor time for one size and for four times that size, so that the machine's load and
 *  speed do not matter; a quadratic reader would need sixteen times as much. */
import { describe, expect, it } from "vitest";
import { createErrorReader } from "../../../models/classifier/error-reader.ts";
import { fingerprintError } from "../../../models/classifier/fingerprint.ts";
import { messageTemplate } from "../../../models/classifier/message-template.ts";
import { parserOf, parseTrace } from "../../../models/classifier/parse-trace.ts";
import type { Runtime } from "../../../models/classifier/parsed-error.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { featuresOf } from "../../../models/grouping/error-features.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

/** Beginnings of lines, and pieces that are repeated to the end of each. */
const ALMOST: Record<Runtime, readonly [string, string][]> = {
  jvm: [["\tat ", "a.b$$Lambda$1/"], ["Caused by: ", "a.b: "], ["Suppressed: ", "x"], ["Wrapped by: a.B: ", "("], ["", "a.b.c.Error: "]],
  python: [['  File "', 'a", line 1, in '], ["  + Exception Group Traceback (most recent call last):", " |"], ["", "a.BGroup: "], [" | ", "| +"], ["The above exception was the direct cause of", " "]],
  node: [["    at ", "f (eval at a ("], ["  [cause]: ", "[cause]: "], ["  [errors]: [", "Error: "], ["Error: ", "["], ["    at async ", "new [as x] "]],
  go: [["panic: ", "panic: "], ["goroutine 1 [", "running]: "], ["a.b", "(0x1, "], ["created by ", "a.b in goroutine 1 "], ["\t/a", "/a.go:"]],
  rust: [["thread 'a' panicked at ", "panicked at '"], ["  1: ", "<a as <b<"], ["  2: ", "a::<"], ["Caused by:", " "], ["stack backtrace:", "\n   0: <<<"]],
  dotnet: [["   at ", "A`1.<b>c__("], ["---> ", "---> "], ["---> (Inner Exception #1) ", "a"], ["A.B: ", "---> C.D: "], ["   at (wrapper ", "a-b) "]],
  ruby: [["\tfrom ", "a.rb:1:in `"], ["a.rb:1:in `b': ", "x (A"], ["\t1: from ", "a.rb:"], ["A::", "B::"], ["Caused by: ", "("]],
  php: [["#0 ", "/a(1): b->"], ["Next ", "A\\B: "], ["PHP Fatal error:  Uncaught ", " in /a"], ["#1 [internal function]: ", "a("], ["Warning: ", " in /a.php on line "]],
  beam: [["** (", "A.B) ** ("], ["    (a 1) ", "lib/a.ex:1: "], ["{badarith,[", "{a,b,1,["], ["  in function ", "a:b/1 "], ["exception error: ", ": exception error: "]],
  native: [["#0 0x1 in ", "a::"], ["==1== ", "   at 0x1: "], ["a(", "b+0x1)[0x1] "], ["a.c:1:1: runtime error: ", "a: "], ["a: a.c:1: f(: ", "Assertion `"]],
  perl: [["\tA::b(", ") called at "], ["a at ", "b line 1 at "], ["A::", "B::"], ["A=HASH(0x", "f"]],
  lua: [["lua: ", "a.lua:1: "], ["\ta.lua:1: in ", "function '"], ["stack traceback:", "\n"]],
  haskell: [["  a, called at ", "b:1:1 in "], ["CallStack (from ", "HasCallStack): "]],
  dart: [["#0      ", "a (package:"], ["Error: ", "#1 a ("]],
  r: [["Error in ", "a : "], ["Calls: ", "a -> "]],
  swift: [["a.swift:1: Fatal error: ", ": file a.swift, line "], ["Fatal error: ", "Fatal error: "]],
  plain: [["", "[2026] "], ["", "12:00:00 "], ["DETAIL: ", "DETAIL: "], ["a (", "a.b.C ("], ["Warning  ", "A  1s  "], ["", ", client: "]],
}; // biome-ignore format: a table

const LINE_LENGTH = 1_000;
const LINES = 1_000;
const PIECES = Object.values(ALMOST)
  .flat()
  .flatMap(([, piece]) => piece);

/** Lines of the same beginning, then lines that change it, so that no state is left out. */
function linesOf(forms: readonly [string, string][], count: number): string[] {
  const full = forms.map(([start, piece]) => start + piece.repeat(Math.ceil(LINE_LENGTH / piece.length)));
  return Array.from({ length: count }, (_, index) => {
    const form = index < count / 2 ? Math.floor((2 * index * full.length) / count) : index % full.length;
    return full[form]!.slice(0, LINE_LENGTH);
  });
}

/** The least processor time of a few runs, in ms: what else the process did in between only adds. */
function cost(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

/** Four times the text may take twelve times as long, and what takes under 20 ms says nothing. */
function expectLinear(work: (share: number) => unknown): void {
  work(0.25);
  const quarter = cost(() => work(0.25));
  expect(cost(() => work(1))).toBeLessThan(12 * Math.max(quarter, 20));
}

const record = (fields: Partial<ErrorRecord>): ErrorRecord => ({
  service: { namespace: "", name: "", environment: "" },
  timeMs: 0,
  source: "span_event",
  attributes: {},
  ...fields,
});

describe("a megabyte that almost is", () => {
  it.each(
    Object.entries(ALMOST) as [Runtime, [string, string][]][],
  )("of the format of %s takes linear time", (runtime, forms) => {
    const parse = parserOf(runtime);
    for (const form of forms) {
      const lines = linesOf([form], LINES);
      expectLinear((share) => parse(lines.slice(0, LINES * share)));
    }
    const mixed = linesOf(forms, LINES);
    expectLinear((share) => parse(mixed.slice(0, LINES * share)));
    expect(parseTrace(mixed.join("\n")).chain.length).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ...new Set([...PIECES, "(", ")", ";:,. ", "<", "a1-", "1.", "'", '"', "x@", "/a", "0x", "éa", "aB"]),
  ])("of %j takes linear time to read, to mask and to identify", (piece) => {
    const text = `x Caused by: ${piece.repeat(Math.ceil(1_000_000 / piece.length))}x`;
    const reader = createErrorReader();
    const whole = (size: number): void => {
      const part = text.slice(0, size);
      const own = record({ exceptionType: part, exceptionMessage: part, stacktrace: part, body: part });
      featuresOf(readError(own).chain);
      fingerprintError(own);
      reader.read(own);
      messageTemplate(part, { maskQuoted: true });
    };
    // Texts are cut, so what grows is compared below the cut; beyond it nothing may grow any more.
    expectLinear((share) => whole(48_000 * share));
    expectLinear((share) => whole(1_000_000 * share));
  });
});
