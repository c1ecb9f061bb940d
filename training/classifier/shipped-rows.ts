/** The rows that every training starts from: datasets/errors and the rule table. */
import { fileURLToPath } from "node:url";
import { loadCatalogue } from "../../datasets/errors/catalogue.ts";
import { loadLabelledErrors } from "../../datasets/errors/labelled-error.ts";
import { loadWording } from "../../datasets/errors/wording.ts";
import { createRandom } from "../random.ts";
import type { ClassifierRows } from "./train-error-classifier.ts";
import { rowsOfCatalogue, rowsOfErrors, rowsOfRules, rowsOfWording } from "./training-rows.ts";

export const FAULTLAB = fileURLToPath(new URL("../../datasets/errors/faultlab.jsonl", import.meta.url));
const PROVOKED = fileURLToPath(new URL("../../datasets/errors/provoked.jsonl", import.meta.url));

/** One failure is there in several forms: as it was caught, printed, wrapped and told. */
const PROVOKED_WEIGHT = 0.5;

export async function loadShippedRows(seed: number): Promise<ClassifierRows> {
  const random = createRandom(seed);
  return {
    labelled: [
      ...rowsOfErrors(await loadLabelledErrors(FAULTLAB)),
      ...rowsOfErrors(await loadLabelledErrors(PROVOKED), PROVOKED_WEIGHT),
    ],
    background: [
      ...rowsOfCatalogue(await loadCatalogue(), random.fork(1)),
      ...rowsOfWording(await loadWording(), random.fork(2)),
      ...rowsOfRules(),
    ],
  };
}
