/** The model card of the shipped classifier, written from the numbers of its own training. */
import { ENCODER_WIDTH } from "../../models/classifier/encoder.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { type Scores, scoreVoice } from "./score-voices.ts";
import type { TrainedClassifier, Validation } from "./train-error-classifier.ts";

const GATE_ACCURACY = 0.85;
const PROVOKED = "provoked-";

export function writeClassifierCard(
  { manifest, metrics, validation }: TrainedClassifier,
  artifactSha256: string,
): string {
  const row = (name: string, scores: Scores): string =>
    `| ${name} | ${[scores.accuracy, scores.macroF1, scores.logLoss, scores.calibrationError, scores.coverage].map((value) => value.toFixed(3)).join(" | ")} |`;
  const families = new Set(validation.rows.map((entry) => entry.family)).size;
  const sourceLines = (name: string, keep: (family: string) => boolean): string => {
    const kept = [...validation.rows.keys()].filter((index) => keep(validation.rows[index]!.family));
    const rows = kept.map((index) => validation.rows[index]!);
    const scored = (answers: Validation["rules"]): Scores =>
      scoreVoice(
        rows,
        kept.map((index) => answers[index]!),
      );
    return [
      row(`model, ${rows.length} of ${name}`, scored(validation.model)),
      row(`pooled, ${rows.length} of ${name}`, scored(validation.fusion)),
    ].join("\n");
  };
  const sources = [
    ["faultlab.jsonl", (family: string) => !family.startsWith(PROVOKED)],
    ["provoked.jsonl", (family: string) => family.startsWith(PROVOKED)],
  ] as const;
  const verdict = metrics.fusion.accuracy > GATE_ACCURACY ? "above" : "not above";
  return `# Error classifier ${manifest.version}

Says which of the ${manifest.classes.length} classes of taxonomy v${manifest.taxonomyVersion} an error belongs to, from the text of its innermost cause, its type, codes and frames.
It is one of three voices: /classify pools it with the rule table and with what operators said.

- Input: ${ENCODER_WIDTH} hashed tokens (words, word pairs, character 3- and 5-grams, type words, codes, frames); encoder ${manifest.encoderHash}.
- Network: linear path beside a layer of ReLU units, the average of ${metrics.members} fits; TensorFlow.js (${metrics.backend}), seed ${manifest.seed}; softmax temperature ${manifest.temperature}.
- Pool: rules ^${manifest.fusion.rules}, model ^${manifest.fusion.model}, memory ^${manifest.fusion.memory}; \`unknown\` below ${manifest.fusion.abstainBelow}.
- SHA-256 of model.onnx: \`${artifactSha256}\`; dataset \`${manifest.trainedOn.datasetHash}\`, ${manifest.trainedOn.rows} rows.

## Measured

On ${validation.rows.length} errors of ${families} families, a fixed third of all. Rules, catalogue and network were made without the held-out families of faultlab.jsonl, and
their text was not looked at. Their totals were, once per version and when the input's width and the averaging of several fits were chosen for an
earlier one, so the numbers are a little kinder than those of other errors. The catalogue was written beside the programs of datasets/faultlab, so the held-out third of what they provoked is
kinder still. Temperature and pool weights were fitted on the other half of these families each time. "Accuracy" counts \`class\` or one of \`also\`.

| voice | accuracy | macro-F1 | log loss | calibration error | coverage |
|---|---|---|---|---|---|
${row("rules", metrics.rules)}
${row("model", metrics.model)}
${row("pooled", metrics.fusion)}
${sources.map(([name, keep]) => sourceLines(name, keep)).join("\n")}

The pooled answer, which is what the gate judges, is ${verdict} its ${GATE_ACCURACY} on these families. The shipped weights were then fitted on all rows, the held-out
families included, so an evaluation of this version on these files measures memory, not skill (\`npm run evaluate -- errors\` says so).
Runtimes that no row of the training comes from: \`npm run train -- error-classifier --leave-runtime-out\`, figures in docs/results.md.

## Data

faultlab.jsonl (727 errors provoked in 16 runtimes and servers); provoked.jsonl (recorded by datasets/faultlab); a catalogue of error
types and messages and sentences of business wording written for this project; the ${RULES.length} entries of the rule table as short texts. See
datasets/errors/README.md.

## Limits

- English messages. Business wording that names neither code nor type is the weakest part.
- One class per error; where two fit, the class whose remedy comes first (the taxonomy says which).
- A text without any known token gets an answer of low confidence; below ${manifest.fusion.abstainBelow} the service answers \`unknown\`.
`;
}
