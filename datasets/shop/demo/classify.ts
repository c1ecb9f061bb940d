/** Fifth act: errors are classified, an operator corrects one, and the next answer is another. */
import { percent } from "./console-view.ts";
import { KNOWN_ERRORS } from "./known-errors.ts";
import type { Running, Stage } from "./stage.ts";

export async function classifyAndCorrect({ view }: Stage, { api }: Running) {
  view.title("Classifying errors of the shop");
  const answers = await api.classify(KNOWN_ERRORS.map(({ error }) => error));
  const classifications = KNOWN_ERRORS.flatMap((known, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [{ known, answer }];
  });
  for (const { known, answer } of classifications) {
    const said = answer.abstained
      ? `unknown (most likely ${percent(answer.probability)})`
      : `${answer.class} ${percent(answer.probability)}`;
    view.line(`  ${known.error.exception.type}: ${known.error.exception.message}  →  ${said}`);
  }
  const isWrong = ({ known, answer }: (typeof classifications)[number]) => known.expectedClass !== answer.class;
  const [worst] = classifications.sort(
    (a, b) => Number(isWrong(b)) - Number(isWrong(a)) || a.answer.probability - b.answer.probability,
  );
  if (worst === undefined) throw new Error("nothing was classified");
  const { known, answer: before } = worst;
  const exception = `${known.error.exception.type}: ${known.error.exception.message}`;
  view.json("POST /classify, the one it is least sure of:", before);
  const feedback = await api.giveClassFeedback(before.id, known.expectedClass);
  view.json(`POST /feedback: an operator says ${known.expectedClass}`, feedback.effect.change);
  const [after] = await api.classify([known.error]);
  if (after === undefined) throw new Error("nothing was classified after the feedback");
  view.line(
    `the next such error: ${before.class} ${percent(before.probability)}  →  ${after.class} ${percent(after.probability)}`,
  );
  return { classifications, feedback: { exception, label: known.expectedClass, before, after } };
}
