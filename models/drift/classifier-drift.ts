/** Whether the errors that come in have moved away from those that the classifier knows. Three signs, from what every installation has:
 *  - `loss`: ADWIN over 1 − the probability that the answer gave to each label, in the order of labels;
 *  - `inputs.classes` and `inputs.words`: population stability index of recent kinds of error against earlier ones;
 *  - `novelty`: more recent kinds are novel than of families that training never saw. */
import { adwinMean, createAdwin, observe } from "./adwin.ts";
import { sharesStability } from "./population-stability.ts";

export interface DriftSign {
  signal: string;
  drifting: boolean;
  /** what was measured, and from which value on it counts; null: nothing to measure */
  value: number | null;
  threshold: number | null;
  detail: Record<string, unknown>;
}

export interface KindsOfError {
  /** one per kind (group) of error */
  classes: readonly string[];
  /** per kind, its words */
  words: readonly (readonly string[])[];
}

const STABILITY_MARK = 0.25;
/** Fewer kinds than this on either side prove nothing. */
const MIN_KINDS = 30;
const WORD_BINS = 24;
/** Share of errors of unseen families that are beyond the novelty threshold, by its making. */
const USUAL_NOVEL_SHARE = 0.05;
/** One-sided, about 1 in 1 000. */
const NORMAL_QUANTILE = 3.1;

/** @param losses −log of what the answer gave to each standing label, oldest first */
export function lossDrift(losses: readonly number[]): DriftSign {
  let state = createAdwin();
  let before: number | null = null;
  for (const loss of losses) {
    const mean = adwinMean(state).mean;
    const step = observe(state, 1 - Math.exp(-loss));
    if (step.drifted) before = mean;
    state = step.state;
  }
  const { count, mean } = adwinMean(state);
  const value = count === 0 ? null : mean;
  return {
    ...{ signal: "loss", value, threshold: before, detail: { labels: losses.length, within: count } },
    drifting: value !== null && before !== null && value > before,
  };
}

export function inputDrift(earlier: KindsOfError, recent: KindsOfError): DriftSign[] {
  const sign = (signal: string, then: readonly string[], now: readonly string[]): DriftSign => {
    const isEnough = Math.min(earlier.classes.length, recent.classes.length) >= MIN_KINDS;
    const value = isEnough ? sharesStability(counted(then), counted(now)) : null;
    const detail = { earlierKinds: earlier.classes.length, recentKinds: recent.classes.length };
    return { signal, drifting: value !== null && value >= STABILITY_MARK, value, threshold: STABILITY_MARK, detail };
  };
  const common = commonWords(earlier.words);
  const binned = (words: KindsOfError["words"]): string[] =>
    words.flatMap((own) => [...new Set(own.map((word) => (common.has(word) ? word : "(other)")))]);
  return [
    sign("inputs.classes", earlier.classes, recent.classes),
    sign("inputs.words", binned(earlier.words), binned(recent.words)),
  ];
}

/** @param novel per recent kind, whether it is beyond the model's threshold; null where the model states none */
export function noveltyDrift(novel: readonly boolean[] | null): DriftSign {
  const kinds = novel?.length ?? 0;
  const value = novel === null || kinds < MIN_KINDS ? null : novel.filter(Boolean).length / kinds;
  const spread = Math.sqrt((USUAL_NOVEL_SHARE * (1 - USUAL_NOVEL_SHARE)) / Math.max(1, kinds));
  const threshold = USUAL_NOVEL_SHARE + NORMAL_QUANTILE * spread;
  return { signal: "novelty", drifting: value !== null && value > threshold, value, threshold, detail: { kinds } };
}

/** The words that most kinds have, one bin each; all others share one. */
function commonWords(words: KindsOfError["words"]): Set<string> {
  const kinds = counted(words.flatMap((own) => [...new Set(own)]));
  const order = [...kinds].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return new Set(order.slice(0, WORD_BINS).map(([word]) => word));
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
