import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLabelledErrors } from "../../../datasets/errors/labelled-error.ts";
import { CLASSIFIER_ENCODER_HASH } from "../../../models/classifier/manifest.ts";
import { scoreErrors } from "../../../models/classifier/network.ts";
import type { ModelSession } from "../../../models/model-session.ts";
import { createSession } from "../../../services/platform/serving/onnx-session.ts";
import { isCorrect, mean } from "../../../training/classifier/score-voices.ts";
import { rowsOfErrors } from "../../../training/classifier/training-rows.ts";
import { loadPretrained } from "../../../training/evaluate-errors/load-pretrained.ts";

const { manifest, onnx } = await loadPretrained();
let session: ModelSession & { release(): Promise<void> };

beforeAll(async () => {
  session = await createSession(onnx);
});
afterAll(() => session.release());

/** The network was fitted on these rows, so it knows them by heart as long as reading and encoding give it the same tokens. */
async function accuracyOn(file: string): Promise<number> {
  const path = fileURLToPath(new URL(`../../../datasets/errors/${file}`, import.meta.url));
  const rows = rowsOfErrors(await loadLabelledErrors(path));
  const scores = await scoreErrors(
    session,
    manifest,
    rows.map((row) => row.encoded),
  );
  return mean(rows.map((row, index) => (isCorrect(row, scores[index]!) ? 1 : 0)));
}

describe("the shipped classifier", () => {
  it("was made for the encoder of this code", () => {
    expect(manifest.encoderHash).toBe(CLASSIFIER_ENCODER_HASH);
  });

  it("still knows the errors that it was fitted on: a fall says that reading or codes have changed under it, so train it again", async () => {
    expect(await accuracyOn("faultlab.jsonl")).toBeGreaterThan(0.97);
    expect(await accuracyOn("provoked.jsonl")).toBeGreaterThan(0.95);
  });
});
