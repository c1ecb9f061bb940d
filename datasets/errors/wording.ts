/** The words in which people write about errors: per class one text file of sentences with choices, `[did not answer|gave no answer]`, and
 *  slots as in the catalogue, written from imagination. A sentence stands alone, or behind what was not done because of it; as a log line,
 *  or as the message of an exception whose type says nothing. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ERROR_CLASSES, type ErrorClass } from "../../models/taxonomy/classes.ts";
import { businessOutcome, programType } from "./business-words.ts";
import { type CatalogueEntry, catalogueError, fillSlots } from "./catalogue.ts";
import type { LabelledError } from "./labelled-error.ts";

export interface Sentence {
  family: string;
  class: ErrorClass;
  text: string;
}

/** @throws Error naming the file and the line whose brackets do not match */
export async function loadWording(): Promise<Sentence[]> {
  const sentences: Sentence[] = [];
  for (const name of ERROR_CLASSES) {
    const path = fileURLToPath(new URL(`wording/${name}.txt`, import.meta.url));
    const lines = (await readFile(path, "utf8")).split("\n");
    for (const [index, text] of lines.entries()) {
      if (text.trim() === "") continue;
      if (/[[\]]/.test(text.replace(CHOICE, "")))
        throw new Error(`${path}:${index + 1} has brackets that do not match`);
      sentences.push({ family: `wording-${name}-${index + 1}`, class: name, text });
    }
  }
  return sentences;
}

/** @param uniform draws from [0, 1): the same draws choose the same words */
export function speakSentence(sentence: Sentence, uniform: () => number): LabelledError {
  const pick = (n: number): number => Math.floor(uniform() * n);
  const reason = fillSlots(chooseWords(sentence.text, pick), uniform);
  const type = pick(TYPED) === 0 ? programType(pick) : null;
  return catalogueError({ ...sentence, type }, placed(reason, pick));
}

/** One saying of so many has a type. */
const TYPED = 3;
/** An entry of the catalogue in another mouth: its message without its type.
 *  @returns null where too little is left to tell the class by */
export function tellEntry(entry: CatalogueEntry, uniform: () => number): LabelledError | null {
  const words = entry.message?.match(/[\p{L}'’-]{2,}/gu) ?? [];
  if (entry.message === null || words.length < MIN_TOLD_WORDS) return null;
  const pick = (n: number): number => Math.floor(uniform() * n);
  const type = pick(TYPED) === 0 ? programType(pick) : null;
  return catalogueError({ ...entry, type }, placed(fillSlots(entry.message, uniform), pick));
}

const MIN_TOLD_WORDS = 3;
const CHOICE = /\[([^[\]]*)\]/g;

export function chooseWords(text: string, pick: (n: number) => number): string {
  const chosen = text.replace(CHOICE, (_, choices: string) => {
    const options = choices.split("|");
    return options[pick(options.length)]!;
  });
  return chosen.replace(/ {2,}/g, " ").replace(/ ,/g, ",").trim();
}

function placed(reason: string, pick: (n: number) => number): string {
  switch (pick(5)) {
    case 0:
    case 1:
      return reason;
    case 2:
      return `${businessOutcome(pick)}: ${reason}`;
    case 3:
      return `${businessOutcome(pick)}, ${reason}`;
    default:
      return `${reason}, ${businessOutcome(pick)}`;
  }
}
