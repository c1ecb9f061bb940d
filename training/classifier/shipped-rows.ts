/** The rows that every training starts from: datasets/errors and the rule table. */
import { fileURLToPath } from "node:url";
import { loadCatalogue } from "../../datasets/errors/catalogue.ts";
import { loadLabelledErrors } from "../../datasets/errors/labelled-error.ts";
import { createRandom } from "../random.ts";
import type { ClassifierRows } from "./train-error-classifier.ts";
import { rowsOfCatalogue, rowsOfErrors, rowsOfRules } from "./training-rows.ts";

const FAULTLAB = fileURLToPath(new URL("../../datasets/errors/faultlab.jsonl", import.meta.url));

export async function loadShippedRows(seed: number): Promise<ClassifierRows> {
  const random = createRandom(seed).fork(1);
  return {
    labelled: rowsOfErrors(await loadLabelledErrors(FAULTLAB)),
    background: [...rowsOfCatalogue(await loadCatalogue(), random), ...rowsOfRules()],
  };
}
