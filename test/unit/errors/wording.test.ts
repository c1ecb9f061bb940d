import { describe, expect, it } from "vitest";
import { chooseWords, loadWording, speakSentence } from "../../../datasets/errors/wording.ts";

describe("the wording of errors", () => {
  it("takes one of each choice, the empty one too, without leaving a gap", () => {
    const text = "{peer} [hung up|broke off][| early], line [|went] dead";
    expect(chooseWords(text, () => 0)).toBe("{peer} hung up, line dead");
    expect(chooseWords(text, (n) => n - 1)).toBe("{peer} broke off early, line went dead");
  });

  it("speaks every sentence without a bracket or a slot left over", async () => {
    for (const sentence of await loadWording()) {
      expect(speakSentence(sentence, () => 0.99).message, sentence.family).not.toMatch(/[[\]{}]/);
    }
  });

  it("chooses the same words by the same draws", async () => {
    const [sentence] = await loadWording();
    const draws = () => [0.3, 0.6, 0.1, 0.8, 0.2, 0.7, 0.4, 0.5, 0.9, 0.05][Symbol.iterator]();
    const speak = (values = draws()) => speakSentence(sentence!, () => values.next().value ?? 0.5).message;
    expect(speak()).toBe(speak());
  });
});
