import type { ReadError } from "../classifier/read-error.ts";

/** Whether an error says anything about itself. One that is nothing but a failed span, or a log line without words, gives a model only its
 *  own prior to repeat, however sure that sounds. */
export function saysSomething({ chain, attributeCodes }: Pick<ReadError, "chain" | "attributeCodes">): boolean {
  if (attributeCodes.length > 0) return true;
  return chain.some(
    ({ type, message, codes, frames }) =>
      type !== null || codes.length > 0 || frames.length > 0 || /\p{L}{2}/u.test(message.replace(/<[a-z]{2,5}>/g, "")),
  );
}
