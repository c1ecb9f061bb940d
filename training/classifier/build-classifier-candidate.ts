/** The classifier's part of a training job: shipped rows and operators' labels to a candidate with everything that the gate asks. What
 *  is judged is the answer that would be given, so rules, network and the pool's weights together; the network alone is reported. */

import { scoreErrors } from "../../models/classifier/network.ts";
import { boundedInfluence, UNNAMED_OPERATOR } from "../../models/fusion/given-label.ts";
import { argmax, poolVoices } from "../../models/fusion/pool.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { classifierDefinition } from "../../services/platform/serving/definitions.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import type { ClassLabel } from "../../services/platform/store/feedback-store.ts";
import type { Candidate, ChampionModel } from "../candidate.ts";
import { calibrationErrorBeyondChance, clusteredMean } from "../gate/calibration-error.ts";
import { comparePredictions } from "../gate/paired-difference.ts";
import { acceptableMass, brierOf, isCorrect, mean } from "./score-voices.ts";
import { loadShippedRows } from "./shipped-rows.ts";
import { trainErrorClassifier, type Validation } from "./train-error-classifier.ts";
import { type ClassifierRow, rowOf } from "./training-rows.ts";

export interface ClassifierJob {
  /** standing labels of operators */
  labels: readonly ClassLabel[];
  seed: number;
  log: (line: string) => void;
}

/** A person's judgement on a real error of this installation weighs as much as several invented ones. */
const OPERATOR_WEIGHT = 4;
/** All labels of one operator together weigh at most as much as so many. */
const OPERATOR_LIMIT = 300;

const MIN_COMPARED_ROWS = 30;

export async function buildClassifierCandidate({ labels, seed, log }: ClassifierJob): Promise<Candidate> {
  const shipped = await loadShippedRows(seed);
  const rows = { ...shipped, labelled: [...shipped.labelled, ...rowsOfLabels(labels)] };
  const version = `seed-${seed}-labels-${labels.length}`;
  const trained = await trainErrorClassifier(rows, { seed, version, log });
  const { validation } = trained;
  return {
    manifest: trained.manifest,
    onnx: trained.onnx,
    metrics: { ...trained.metrics, labels: labels.length, memory: null },
    gateInput: gateInputOf(validation),
    compare: (champion) => compareWithChampion(champion, validation),
    datasetHash: trained.manifest.trainedOn.datasetHash,
    notes: [
      `Classifies errors into ${ERROR_CLASSES.length} classes (taxonomy v${trained.manifest.taxonomyVersion}) from hashed tokens of the innermost cause. ` +
        `Fitted on ${trained.manifest.trainedOn.rows} rows, ${labels.length} of them labelled by operators.`,
      "The gate judges the pooled answer (rules and network) on families of errors that the fit, its calibration and its weights never saw.",
    ],
  };
}

/** An operator's labels are split by fingerprint: one group of errors is never in both slices. A flood from one operator weighs no more
 *  than a few hundred of his labels do. */
function rowsOfLabels(labels: readonly ClassLabel[]): ClassifierRow[] {
  const influence = boundedInfluence(
    labels.map(({ operator }) => ({ operator: operator ?? UNNAMED_OPERATOR })),
    OPERATOR_LIMIT,
  );
  return labels.map((label, index) =>
    rowOf(label.error, {
      class: label.class,
      family: `operator-${label.fingerprint}`,
      weight: OPERATOR_WEIGHT * influence[index]!,
    }),
  );
}

function gateInputOf({ rows, fusion }: Validation): Candidate["gateInput"] {
  const counts = ERROR_CLASSES.map((name) => rows.filter((row) => row.class === name).length);
  const rates = Float64Array.from(counts, (count) => count / rows.length);
  const majority = ERROR_CLASSES[argmax(counts)]!;
  const baseBrier = mean(rows.map((row) => brierOf(row, rates)));
  const clusters = clustersOf(rows);
  const gains = rows.map((row, index) => ({
    cluster: clusters[index]!,
    value: brierOf(row, rates) - brierOf(row, fusion[index]!),
  }));
  return {
    rows: rows.length,
    distinctOutcomes: counts.filter((count) => count > 0).length,
    accuracy: mean(rows.map((row, index) => (isCorrect(row, fusion[index]!) ? 1 : 0))),
    majorityAccuracy: mean(rows.map((row) => (row.class === majority || row.also.includes(majority) ? 1 : 0))),
    brierSkill: mean(gains.map(({ value }) => value)) / baseBrier,
    brierSkillError: Math.sqrt(clusteredMean(gains).variance) / baseBrier,
    calibrationError: calibrationErrorBeyondChance({
      probability: fusion.map((distribution) => distribution[argmax(distribution)]!),
      outcome: rows.map((row, index) => (isCorrect(row, fusion[index]!) ? 1 : 0)),
      cluster: clusters,
    }).excess,
  };
}

function clustersOf(rows: readonly ClassifierRow[]): number[] {
  const families = new Map([...new Set(rows.map((row) => row.family))].map((family, index) => [family, index]));
  return rows.map((row) => families.get(row.family)!);
}

/** Compares on families that the champion was not fitted on either: what is shipped or promoted was fitted on all rows of its time.
 *  @throws RangeError when too few such rows are left to compare on */
async function compareWithChampion(champion: ChampionModel, validation: Validation) {
  const manifest = classifierDefinition.accept(champion.manifest);
  const known = new Set(manifest.trainedOn.families);
  const kept = [...validation.rows.keys()].filter((index) => !known.has(validation.rows[index]!.family));
  if (kept.length < MIN_COMPARED_ROWS) {
    throw new RangeError(`it was fitted on all but ${kept.length} of the ${validation.rows.length} validation rows`);
  }
  const rows = kept.map((index) => validation.rows[index]!);
  const session = await createSession(champion.onnx);
  try {
    const model = await scoreErrors(
      session,
      manifest,
      rows.map((row) => row.encoded),
    );
    const theirs = rows.map((row, at) =>
      acceptableMass(
        row,
        poolVoices(
          { rules: validation.rules[kept[at]!]!, model: model[at]!, memory: validation.memory[kept[at]!]! },
          manifest.fusion,
        ),
      ),
    );
    const ours = rows.map((row, at) => acceptableMass(row, validation.fusion[kept[at]!]!));
    const outcome = rows.map(() => 1);
    return { version: champion.version, ...comparePredictions(ours, theirs, outcome, clustersOf(rows)) };
  } finally {
    await session.release();
  }
}
