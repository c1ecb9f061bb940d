/** Trains the error classifier and says honestly how good it is.
 *
 *  1. Fit on everything but the validation families (a fixed third of the labelled families and of the operators' groups).
 *  2. Calibrate and weigh on one half of the validation families, score on the other, and the other way round: every score is of a
 *     family that neither fit, nor calibration, nor weights have seen.
 *  3. Fit the network that is shipped on all rows, with the calibration of all validation families. */
import { isHeldOutFamily } from "../../datasets/errors/labelled-error.ts";
import { ENCODER_WIDTH } from "../../models/classifier/encoder.ts";
import { identifyError } from "../../models/classifier/fingerprint.ts";
import { hashHex } from "../../models/classifier/hashing.ts";
import { CLASSIFIER_ENCODER_HASH, type ClassifierManifest } from "../../models/classifier/manifest.ts";
import { fitThreshold, type NoveltyReference, vocabularyOf } from "../../models/drift/novelty.ts";
import { fitVocabulary } from "../../models/drift/token-vocabulary.ts";
import { DEFAULT_FUSION_WEIGHTS } from "../../models/fusion/fusion-weights.ts";
import { memoryOpinion, signatureOf } from "../../models/fusion/label-memory.ts";
import { poolVoices, type Voices } from "../../models/fusion/pool.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { ERROR_CLASSES, TAXONOMY_VERSION } from "../../models/taxonomy/classes.ts";
import { createRandom } from "../random.ts";
import { selectBackend } from "../tf/backend.ts";
import { exportNetwork } from "./export-network.ts";
import { DEFAULT_FIT, type FitOptions, fitEnsemble, logitsOf, type NetworkWeights } from "./fit-network.ts";
import { type FittedPool, fitPool, type PoolExample, voicesAt } from "./fit-pool.ts";
import { memoryOfErrors } from "./memory-of-errors.ts";
import { type Scores, scoreVoice } from "./score-voices.ts";
import type { ClassifierRow } from "./training-rows.ts";

export interface ClassifierRows {
  /** errors with true labels: split by family */
  labelled: readonly ClassifierRow[];
  /** catalogue and rule table: only ever fitted on */
  background: readonly ClassifierRow[];
}

export interface TrainingOptions {
  seed: number;
  version: string;
  fit?: Partial<FitOptions>;
  /** networks that are averaged; default 4 */
  members?: number;
  log?: (line: string) => void;
}

export interface Validation {
  rows: ClassifierRow[];
  /** per row; each by a pool that was fitted on other families */
  model: Float64Array[];
  rules: (Float64Array | null)[];
  /** what labels of the fitted errors say about these */
  memory: Voices["memory"][];
  fusion: Float64Array[];
}

export interface TrainedClassifier {
  manifest: ClassifierManifest;
  onnx: Uint8Array;
  validation: Validation;
  metrics: { backend: string; members: number; fittedRows: number; rules: Scores; model: Scores; fusion: Scores };
}

const DEFAULT_MEMBERS = 4;
const MIN_HELD_OUT_ROWS = 30;

/** The same rows and seed give the same bytes on the same backend. */
export async function trainErrorClassifier(rows: ClassifierRows, options: TrainingOptions): Promise<TrainedClassifier> {
  const log = options.log ?? (() => {});
  const backend = await selectBackend();
  const members = options.members ?? DEFAULT_MEMBERS;
  const fit = { ...DEFAULT_FIT, ...options.fit, log };
  const { seen, heldOut } = splitByFamily(rows.labelled);
  log(`validation fit: ${seen.length + rows.background.length} rows, ${heldOut.length} rows of unseen families`);
  const judged = await fitEnsemble([...seen, ...rows.background], fit, members, createRandom(options.seed));
  const examples = poolExamples(heldOut, judged, seen);
  const validation = crossFit(heldOut, examples);
  log(`final fit: ${rows.labelled.length + rows.background.length} rows`);
  const shipped = await fitEnsemble([...rows.labelled, ...rows.background], fit, members, createRandom(options.seed));
  return {
    manifest: manifestOf(rows, fitPool(examples), noveltyOf(rows, seen, heldOut), options),
    onnx: exportNetwork(shipped),
    validation,
    metrics: {
      backend: backend.name,
      members,
      fittedRows: seen.length + rows.background.length,
      rules: scoreVoice(validation.rows, validation.rules),
      model: scoreVoice(validation.rows, validation.model),
      fusion: scoreVoice(validation.rows, validation.fusion),
    },
  };
}

/** The fixed third; a file that holds little of it, such as one made by leaving it out, gives a third of its own. */
export function splitByFamily(rows: readonly ClassifierRow[]): { seen: ClassifierRow[]; heldOut: ClassifierRow[] } {
  const usual = rows.filter((row) => isHeldOutFamily(row.family));
  const isHeldOut =
    usual.length >= MIN_HELD_OUT_ROWS
      ? (row: ClassifierRow) => isHeldOutFamily(row.family)
      : (row: ClassifierRow) => familyDraw("validation", row.family) % 3 === 0;
  return { seen: rows.filter((row) => !isHeldOut(row)), heldOut: rows.filter(isHeldOut) };
}

function familyDraw(purpose: string, family: string): number {
  return Number.parseInt(hashHex(`${purpose} ${family}`).slice(0, 8), 16);
}

export function poolExamples(
  rows: readonly ClassifierRow[],
  weights: NetworkWeights,
  labelled: readonly ClassifierRow[],
): PoolExample[] {
  const engine = createRuleEngine(RULES);
  const memory = memoryOfErrors(labelled);
  return rows.map((row) => {
    const outcome = engine.evaluate(row.error);
    const recalled = memory.recall(identifyError(row.error).fingerprint, () => signatureOf(row.error));
    return {
      class: row.class,
      also: row.also,
      logits: logitsOf(row, weights),
      rules: outcome.fired.length === 0 ? null : outcome.distribution,
      memory: recalled === null ? null : memoryOpinion(recalled),
    };
  });
}

function crossFit(rows: readonly ClassifierRow[], examples: readonly PoolExample[]): Validation {
  const halves = rows.map((row) => familyDraw("calibration", row.family) % 2);
  const fitted: FittedPool[] = [0, 1].map((half) => fitPool(examples.filter((_, index) => halves[index] !== half)));
  const voices = examples.map((example, index) => voicesAt(example, fitted[halves[index]!]!.temperature));
  return {
    rows: [...rows],
    rules: voices.map((own) => own.rules),
    memory: voices.map((own) => own.memory),
    // The network always votes.
    model: voices.map((own) => own.model!),
    fusion: voices.map((own, index) => poolVoices(own, fitted[halves[index]!]!.fusion)),
  };
}

/** The vocabulary is that of all rows; the threshold is one that errors of unseen families stay under, so it is measured on such. */
function noveltyOf(
  { labelled, background }: ClassifierRows,
  seen: readonly ClassifierRow[],
  heldOut: readonly ClassifierRow[],
): NoveltyReference {
  const encodedOf = (rows: readonly ClassifierRow[]) => rows.map(({ encoded }) => encoded);
  const then = vocabularyOf(encodedOf([...seen, ...background]));
  return {
    vocabulary: fitVocabulary(vocabularyOf(encodedOf([...labelled, ...background]))),
    threshold: fitThreshold(then, encodedOf(heldOut)),
  };
}

function manifestOf(
  rows: ClassifierRows,
  pool: FittedPool,
  novelty: NoveltyReference,
  options: TrainingOptions,
): ClassifierManifest {
  const all = [...rows.labelled, ...rows.background];
  return {
    name: "error-classifier",
    version: options.version,
    taxonomyVersion: TAXONOMY_VERSION,
    classes: ERROR_CLASSES,
    encoderHash: CLASSIFIER_ENCODER_HASH,
    inputWidth: ENCODER_WIDTH,
    temperature: pool.temperature,
    // Families that nobody labelled are remembered by accident only: they say how little a distant likeness tells, not how much a
    // label of this very error does.
    fusion: { ...pool.fusion, memory: Math.max(pool.fusion.memory, DEFAULT_FUSION_WEIGHTS.memory) },
    novelty,
    seed: options.seed,
    trainedOn: {
      rows: all.length,
      datasetHash: datasetHashOf(rows),
      families: [...new Set(rows.labelled.map((row) => row.family))].sort(),
    },
  };
}

function datasetHashOf(rows: ClassifierRows): string {
  const lines = [...rows.labelled, ...rows.background].map(
    (row) => `${row.family}\t${row.class}\t${row.weight}\t${row.error.root.message}`,
  );
  return hashHex(lines.join("\n"));
}
