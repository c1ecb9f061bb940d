/** Why a forecast is what it is: exact Shapley values of the feature groups, in log-odds, measured from what an ordinary row shows.
 *
 *  A coalition takes the observed features of its groups and the expected ones of all others; the network answers for all coalitions
 *  in one run. Groups that look exactly as expected are dummies: their share is 0 by the axioms, and leaving them out halves the
 *  table each without changing the other values. */
import { bitCount, shapleyValues } from "../attribution/shapley.ts";
import { describeProbability } from "../describe-probability.ts";
import { FEATURE_GROUPS, type FeatureGroup, type FeatureSpec } from "../features/feature-spec.ts";
import type { ModelSession } from "../model-session.ts";
import { coalitionLogOdds } from "./coalitions.ts";
import { describeDuration, describeValue } from "./describe-value.ts";
import { encodeInto } from "./encode.ts";
import { sigmoid } from "./hazard.ts";
import type { PredictorManifest } from "./manifest.ts";

/** Contributions below this are not worth a word in the sentence, in log-odds. */
const WORTH_SAYING = 0.1;
const SAID_AT_MOST = 3;

interface ContributionFeature {
  name: string;
  unit: string;
  description: string;
  /** null = missing */
  observed: number | null;
  expected: number | null;
}

interface GroupContribution {
  group: FeatureGroup;
  /** in log-odds; positive raises the risk */
  logOdds: number;
  /** the feature of the group that is farthest from expected, null when all are as expected */
  feature: ContributionFeature | null;
}

interface Counterfactual {
  /** smallest set of groups that, set back to expected, brings the risk below the threshold */
  groups: FeatureGroup[];
  /** per group the feature that is farthest off, observed, and expected: where it would have to be */
  changes: Pick<GroupContribution, "group" | "feature">[];
  probability: number;
}

export interface Explanation {
  horizonWindows: number;
  probability: number;
  /** probability of an ordinary row */
  baseProbability: number;
  /** log-odds of the two; contributions add up to their difference */
  logOdds: number;
  baseLogOdds: number;
  /** all groups, largest effect first */
  contributions: GroupContribution[];
  /** null when the risk is below the threshold, or no set of groups would bring it there */
  counterfactual: Counterfactual | null;
  sentence: string;
}

/** Explains one forecast at one horizon.
 *  @param vector shape [spec.features.length], NaN = missing
 *  @param threshold risk below which nobody need worry, in (0, 1)
 *  @throws RangeError when vector and model do not fit */
export async function explain(
  session: ModelSession,
  manifest: PredictorManifest,
  spec: FeatureSpec,
  vector: Float32Array,
  horizonWindows: number,
  threshold: number,
): Promise<Explanation> {
  if (vector.length !== manifest.scaler.featureCount || spec.features.length !== vector.length) {
    throw new RangeError(`a vector has ${vector.length} features, the model reads ${manifest.scaler.featureCount}`);
  }
  const expected = Float32Array.from(manifest.expected, (value) => value ?? Number.NaN);
  const observedInput = encodeOne(vector, manifest);
  const expectedInput = encodeOne(expected, manifest);
  const columns = columnsByGroup(manifest, spec);
  const moved = FEATURE_GROUPS.filter((group) =>
    columns.get(group)!.some((column) => observedInput[column] !== expectedInput[column]),
  );
  const game = {
    observed: observedInput,
    expected: expectedInput,
    columns: moved.map((group) => columns.get(group)!),
  };
  const values = await coalitionLogOdds(session, manifest, game, horizonWindows);

  const shares = shapleyValues(values);
  const contributions = FEATURE_GROUPS.map((group): GroupContribution => {
    const player = moved.indexOf(group);
    if (player < 0) return { group, logOdds: 0, feature: null };
    return {
      group,
      logOdds: shares[player]!,
      feature: farthestFeature(manifest, spec, group, vector, observedInput, expectedInput),
    };
  }).sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));

  const logOdds = values.at(-1)!;
  const explanation: Omit<Explanation, "sentence"> = {
    horizonWindows,
    probability: sigmoid(logOdds),
    baseProbability: sigmoid(values[0]!),
    logOdds,
    baseLogOdds: values[0]!,
    contributions,
    counterfactual: counterfactualOf(values, moved, threshold, contributions),
  };
  return { ...explanation, sentence: sentenceOf(explanation, spec, manifest.windowSizeMs) };
}

function encodeOne(vector: Float32Array, manifest: PredictorManifest): Float32Array {
  const encoded = new Float32Array(manifest.scaler.width);
  encodeInto(vector, 0, manifest.scaler, encoded, 0);
  return encoded;
}

/** Encoded columns of each group: values and masks. */
function columnsByGroup(manifest: PredictorManifest, spec: FeatureSpec): Map<FeatureGroup, number[]> {
  const columns = new Map<FeatureGroup, number[]>(FEATURE_GROUPS.map((group) => [group, []]));
  manifest.scaler.features.forEach((scaling, column) => {
    const own = columns.get(spec.features[scaling.feature]!.group)!;
    own.push(column);
    if (scaling.maskColumn !== null) own.push(scaling.maskColumn);
  });
  return columns;
}

function farthestFeature(
  manifest: PredictorManifest,
  spec: FeatureSpec,
  group: FeatureGroup,
  vector: Float32Array,
  observedInput: Float32Array,
  expectedInput: Float32Array,
): ContributionFeature | null {
  let best: ContributionFeature | null = null;
  let bestDistance = 0;
  manifest.scaler.features.forEach((scaling, column) => {
    const definition = spec.features[scaling.feature]!;
    if (definition.group !== group) return;
    const mask = scaling.maskColumn;
    // Appearing or vanishing counts, but less than a value that is off by more than half a deviation.
    const appeared = mask !== null && observedInput[mask] !== expectedInput[mask] ? 0.5 : 0;
    const distance = Math.max(appeared, Math.abs(observedInput[column]! - expectedInput[column]!));
    if (distance <= bestDistance) return;
    bestDistance = distance;
    const value = vector[scaling.feature]!;
    const { name, unit, description } = definition;
    best = {
      name,
      unit,
      description,
      observed: Number.isNaN(value) ? null : value,
      expected: manifest.expected[scaling.feature] ?? null,
    };
  });
  return best;
}

function counterfactualOf(
  values: Float64Array,
  moved: readonly FeatureGroup[],
  threshold: number,
  contributions: readonly GroupContribution[],
): Counterfactual | null {
  const full = values.length - 1;
  if (sigmoid(values[full]!) < threshold) return null;
  let best: { removed: number; probability: number } | null = null;
  for (let removed = 1; removed <= full; removed++) {
    const probability = sigmoid(values[full ^ removed]!);
    if (probability >= threshold) continue;
    const size = bitCount(removed);
    const bestSize = best ? bitCount(best.removed) : Number.POSITIVE_INFINITY;
    if (size < bestSize || (best && size === bestSize && probability < best.probability))
      best = { removed, probability };
  }
  if (!best) return null;
  const { removed, probability } = best;
  const groups = moved.filter((_, player) => removed & (1 << player));
  const changes = contributions
    .filter(({ group }) => groups.includes(group))
    .map(({ group, feature }) => ({ group, feature }));
  return { groups, changes, probability };
}

function sentenceOf(explanation: Omit<Explanation, "sentence">, spec: FeatureSpec, windowSizeMs: number): string {
  const { probability, baseProbability, contributions, horizonWindows, counterfactual } = explanation;
  const span = describeDuration(horizonWindows * windowSizeMs);
  const parts = [
    `${capitalised(describeProbability(probability))} chance that a failure begins within ${span}, against ${describeProbability(baseProbability)} when everything is as expected`,
  ];
  const words = (sign: number) =>
    contributions
      .filter((entry) => entry.logOdds * sign >= WORTH_SAYING)
      .slice(0, SAID_AT_MOST)
      .map((entry) => groupWords(entry, spec, windowSizeMs));
  const raised = words(1);
  const lowered = words(-1);
  if (raised.length > 0) parts.push(`raised by ${raised.join(", ")}`);
  if (lowered.length > 0) parts.push(`lowered by ${lowered.join(", ")}`);
  let sentence = `${parts.join("; ")}.`;
  if (counterfactual) {
    const names = counterfactual.groups.map(groupName).join(" and ");
    sentence += ` With ${names} as expected it would be ${describeProbability(counterfactual.probability)}.`;
  }
  return sentence;
}

function groupWords(entry: GroupContribution, spec: FeatureSpec, windowSizeMs: number): string {
  const definition = spec.features.find((candidate) => candidate.name === entry.feature?.name);
  if (!entry.feature || !definition) return groupName(entry.group);
  const observed = describeValue(entry.feature.observed, definition, windowSizeMs);
  const expected = describeValue(entry.feature.expected, definition, windowSizeMs);
  return `${groupName(entry.group)} (${definition.description}: ${observed}, expected ${expected})`;
}

function groupName(group: FeatureGroup): string {
  return group.replaceAll("_", " ");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
