import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPhraseMatcher, dropContained } from "../../../models/rules/phrase-matcher.ts";
import { normaliseText, phraseProblem } from "../../../models/rules/phrase-pattern.ts";

const matchedBy = (phrases: string[], text: string): string[] =>
  createPhraseMatcher(phrases)
    .match(normaliseText(text))
    .map(({ phrase }) => phrases[phrase]!)
    .sort();

describe("phrase matching", () => {
  it("treats blanks, underscores and hyphens alike, and ignores case", () => {
    expect(matchedBy(["too many requests"], "TOO_MANY-requests")).toEqual(["too many requests"]);
  });

  it("matches whole words only", () => {
    expect(matchedBy(["timeout"], "timeouts")).toEqual([]);
    expect(matchedBy(["timeout"], "(timeout)")).toEqual(["timeout"]);
  });

  it("follows parts in their order within a bounded gap", () => {
    expect(matchedBy(["column * does not exist"], 'column "total" does not exist')).toHaveLength(1);
    expect(matchedBy(["column * does not exist"], "does not exist: column total")).toEqual([]);
    expect(matchedBy(["column * does not exist"], `column ${"x".repeat(200)} does not exist`)).toEqual([]);
  });

  it("takes any of the alternatives in braces, also where they are many", () => {
    const many = `{${Array.from({ length: 40 }, (_, index) => `w${index}`).join(",")}}`;
    const phrase = `${many} ${many} {was ,}lost`;
    expect(matchedBy([phrase], "w3 w39 was lost")).toEqual([phrase]);
    expect(matchedBy([phrase], "w3 w3 lost")).toEqual([phrase]);
    expect(matchedBy([phrase], "w3 lost")).toEqual([]);
    expect(matchedBy([phrase], "w3 x w4 lost")).toEqual([]);
  });

  it("takes any ending of a word behind *, and what follows it", () => {
    expect(matchedBy(["deadlock*"], "two deadlocks")).toHaveLength(1);
    expect(matchedBy(["deadlock* found"], "deadlocks found")).toHaveLength(1);
    expect(matchedBy(["deadlock* found"], "deadlocks were found")).toEqual([]);
  });

  it("finds units that are glued to their number", () => {
    expect(matchedBy(["after * {ms,s}"], "gave up after 30s")).toHaveLength(1);
  });

  it("lets no gap reach into another part of the text", () => {
    expect(matchedBy(["column * missing"], "column total | missing")).toEqual([]);
  });

  it("drops a match within a longer one", () => {
    const matcher = createPhraseMatcher(["timeout", "lock wait timeout"]);
    expect(dropContained(matcher.match("lock wait timeout exceeded")).map(({ phrase }) => phrase)).toEqual([1]);
  });

  it.each([
    ["{a,b", "pairs"],
    ["a}", "pairs"],
    ["{a{b}}", "within each other"],
    ["{a *,b} c", "end of a word"],
    ["*", "letter or a digit"],
    [" ", "letter or a digit"],
    ["{a,} * {,b}", "letter or a digit"],
  ])("finds fault with %j", (phrase, fault) => {
    expect(phraseProblem(phrase)).toContain(fault);
  });

  it("finds exactly the phrases that a plain search finds", () => {
    const word = fc.constantFrom("a", "b", "ab", "ba", "aab");
    const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(
        fc.uniqueArray(phrase, { minLength: 1, maxLength: 5 }),
        fc.array(word, { maxLength: 12 }),
        (phrases, words) => {
          const text = words.join(" ");
          const plain = phrases.filter((wanted) => ` ${text} `.includes(` ${wanted} `)).sort();
          expect(matchedBy(phrases, text)).toEqual(plain);
        },
      ),
    );
  });
});
