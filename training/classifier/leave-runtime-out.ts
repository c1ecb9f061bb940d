/** How good the classifier is on runtimes that it has never met: each large runtime of the labelled errors in turn is left out, with all
 *  rows of the families that occur in it, and answered by a network that was fitted on the rest. The rule table and the catalogue know
 *  these runtimes, so the figures are kinder than those of one that nobody thought of. */
import { poolVoices } from "../../models/fusion/pool.ts";
import { createRandom } from "../random.ts";
import { selectBackend } from "../tf/backend.ts";
import { DEFAULT_FIT, fitEnsemble } from "./fit-network.ts";
import { fitPool, voicesAt } from "./fit-pool.ts";
import { type Scores, scoreVoice } from "./score-voices.ts";
import { loadShippedRows } from "./shipped-rows.ts";
import { type ClassifierRows, poolExamples, splitByFamily } from "./train-error-classifier.ts";
import type { ClassifierRow } from "./training-rows.ts";

/** Smaller runtimes are left out together. */
const MIN_ROWS = 100;

export interface RuntimeScores {
  runtimes: string[];
  rows: number;
  rules: Scores;
  model: Scores;
  pooled: Scores;
}

/** Rows of held-out families take no part: they are scored by the training alone. */
export async function leaveRuntimesOut(options: {
  seed: number;
  members: number;
  log: (line: string) => void;
}): Promise<RuntimeScores[]> {
  await selectBackend();
  const { labelled, background } = await loadShippedRows(options.seed);
  const { seen } = splitByFamily(labelled);
  const scores: RuntimeScores[] = [];
  for (const runtimes of groupsOf(seen)) {
    const scored = await scoreGroup(runtimes, { labelled: seen, background }, options);
    options.log(
      `${runtimes.join(" ")}: ${scored.rows} rows, rules ${scored.rules.accuracy.toFixed(3)}, model ${scored.model.accuracy.toFixed(3)}, pooled ${scored.pooled.accuracy.toFixed(3)}`,
    );
    scores.push(scored);
  }
  return scores;
}

function groupsOf(rows: readonly ClassifierRow[]): string[][] {
  const names = [...new Set(rows.map((row) => row.runtime ?? ""))].sort();
  const isLarge = (name: string): boolean => rows.filter((row) => row.runtime === name).length >= MIN_ROWS;
  return [...names.filter(isLarge).map((name) => [name]), names.filter((name) => !isLarge(name))];
}

async function scoreGroup(
  runtimes: readonly string[],
  { labelled, background }: ClassifierRows,
  { seed, members }: { seed: number; members: number },
): Promise<RuntimeScores> {
  const left = labelled.filter((row) => runtimes.includes(row.runtime ?? ""));
  const families = new Set(left.map((row) => row.family));
  const kept = labelled.filter((row) => !families.has(row.family) && !runtimes.includes(row.runtime ?? ""));
  const network = await fitEnsemble([...kept, ...background], DEFAULT_FIT, members, createRandom(seed));
  const examples = poolExamples(left, network, kept);
  // Weighed on rows that the network was fitted on, it would trust itself too much; unfitted weights favour neither voice.
  const { temperature, fusion } = fitPool([]);
  const voices = examples.map((example) => voicesAt(example, temperature));
  return {
    runtimes: [...runtimes],
    rows: left.length,
    rules: scoreVoice(
      left,
      voices.map((own) => own.rules),
    ),
    model: scoreVoice(
      left,
      voices.map((own) => own.model),
    ),
    pooled: scoreVoice(
      left,
      voices.map((own) => poolVoices(own, fusion)),
    ),
  };
}
