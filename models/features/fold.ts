/** The feature fold: state after window n+1 is a pure function of state after window n and what was observed. The features worker
 *  steps it online, training and evaluation replay it over history, and both get the same vectors bit for bit: state is plain
 *  JSON whose numbers survive the round trip exactly, and no step depends on the order of object keys.
 *
 *  Every feature that is not known is NaN, never 0 by pretence. */
import type { EpochMs } from "../telemetry/records.ts";
import { calleeReporter, calleeReportFeatures } from "./callee-reports.ts";
import type { FeatureDefinition, FeatureSpec, WindowObservation } from "./feature-spec.ts";
import type { FeatureSection, ReadContext, SectionFeature } from "./section.ts";
import { changeSection } from "./sections/change.ts";
import { dependenciesSection, recentCallees } from "./sections/dependencies.ts";
import { errorMixSection } from "./sections/error-mix.ts";
import { errorsSection } from "./sections/errors.ts";
import { fleetSection } from "./sections/fleet.ts";
import { latencySection } from "./sections/latency.ts";
import { newErrorsSection } from "./sections/new-errors.ts";
import { recentFailuresSection } from "./sections/recent-failures.ts";
import { saturationSection } from "./sections/saturation.ts";
import { timeOfDaySection } from "./sections/time-of-day.ts";
import { trafficSection } from "./sections/traffic.ts";
import { specHash } from "./spec-hash.ts";

/** Raise it when a feature's meaning changes under the same name; states and models of the old spec are then left behind. */
const FEATURE_VERSION = 3;

const SECTIONS = {
  errors: erase(errorsSection),
  newErrors: erase(newErrorsSection),
  errorMix: erase(errorMixSection),
  latency: erase(latencySection),
  traffic: erase(trafficSection),
  dependencies: erase(dependenciesSection),
  saturation: erase(saturationSection),
  recentFailures: erase(recentFailuresSection),
  change: erase(changeSection),
  fleet: erase(fleetSection),
  timeOfDay: erase(timeOfDaySection),
} as const;

type SectionName = keyof typeof SECTIONS;
// Object.keys of a constant keeps its literal keys, which the library types widen to string.
const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[];

/** State of one section: JSON whose shape only that section knows. */
type SectionState = Record<string, unknown>;

/** Everything a service's vector depends on. JSON-able: store it, load it, step on. */
export interface FeatureState {
  /** start of the newest window folded, null before the first */
  startMs: EpochMs | null;
  windowSizeMs: number;
  sections: Record<SectionName, SectionState>;
}

/** What a service observes itself; the callees' reports come after it. */
const OWN_FEATURES: readonly FeatureDefinition[] = SECTION_NAMES.flatMap((name) =>
  SECTIONS[name].features.map(({ name: featureName, unit, group, description }) => ({
    name: featureName,
    unit,
    group,
    description,
  })),
);

const FEATURES = [...OWN_FEATURES, ...calleeReportFeatures(OWN_FEATURES)];

export const FEATURE_SPEC: FeatureSpec = { hash: specHash(FEATURES, FEATURE_VERSION), features: FEATURES };

export function createFeatureState(): FeatureState {
  // Built from the same constant's keys, which Object.fromEntries cannot express.
  const sections = Object.fromEntries(SECTION_NAMES.map((name) => [name, SECTIONS[name].create()])) as Record<
    SectionName,
    SectionState
  >;
  return { startMs: null, windowSizeMs: 0, sections };
}

/** Folds one window into the state.
 *  @param observation of a window that starts after the newest one folded; gaps are allowed and count as windows without news.
 *    An observation that is not newer changes nothing.
 *  @returns a new state; `state` is left as it was */
export function advance(state: FeatureState, observation: WindowObservation): FeatureState {
  return advanceInPlace(copyOf(state), observation);
}

/** `advance` that changes and returns its argument: for replays over long histories, where nobody else holds the state. */
export function advanceInPlace(state: FeatureState, observation: WindowObservation): FeatureState {
  const { startMs, windowSizeMs } = observation;
  if (state.startMs !== null && startMs <= state.startMs) return state;
  const context = {
    steps: state.startMs === null ? 0 : Math.max(1, Math.round((startMs - state.startMs) / windowSizeMs)),
    endMs: startMs + windowSizeMs,
  };
  for (const name of SECTION_NAMES) SECTIONS[name].step(state.sections[name], observation, context);
  state.startMs = startMs;
  state.windowSizeMs = windowSizeMs;
  return state;
}

/** Names of the services that this one has called lately, as its client spans name them. */
export function calleesOf(state: FeatureState): string[] {
  return recentCallees(state.sections.dependencies);
}

/** Fills in what a service's callees say of themselves, in place.
 *  @param vector of the caller @param callees vectors of the called services at the end of the same window */
export const addCalleeReports: (vector: Float32Array, callees: readonly Float32Array[]) => void =
  calleeReporter(OWN_FEATURES);

/** The feature vector at the end of the newest window, without the callees' reports: see `addCalleeReports`.
 *  @returns shape [FEATURE_SPEC.features.length]; NaN where unknown, everywhere before the first window */
export function vectorOf(state: FeatureState): Float32Array {
  const vector = new Float32Array(FEATURES.length);
  writeVector(state, vector, 0);
  return vector;
}

/** Writes the vector into a row of a larger matrix at `offset`. */
export function writeVector(state: FeatureState, into: Float32Array, offset: number): void {
  if (state.startMs === null) {
    into.fill(Number.NaN, offset, offset + FEATURES.length);
    return;
  }
  const context: ReadContext = { endMs: state.startMs + state.windowSizeMs, windowSizeMs: state.windowSizeMs };
  let column = offset;
  for (const name of SECTION_NAMES) {
    const section = state.sections[name];
    for (const feature of SECTIONS[name].features) {
      const value = feature.read(section, context);
      // An overflow is as unknown as a division by nothing; adding 0 turns -0 into 0, which JSON cannot tell apart.
      into[column++] = Number.isFinite(value) ? value + 0 : Number.NaN;
    }
  }
  into.fill(Number.NaN, column, offset + FEATURES.length);
}

interface ErasedSection {
  create(): SectionState;
  step: FeatureSection<SectionState>["step"];
  features: readonly SectionFeature<SectionState>[];
}

/** Sections differ in state; the fold only carries it from `create` to `step` and `read` of the same section. */
function erase<S extends object>(section: FeatureSection<S>): ErasedSection {
  // Sound because a section's state never reaches another section.
  return section as unknown as ErasedSection;
}

function copyOf<T>(value: T): T {
  if (Array.isArray(value)) {
    // The runtime check above is what TypeScript cannot carry through a generic.
    return (typeof value[0] === "object" ? value.map(copyOf) : value.slice()) as T;
  }
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf(value[key]);
  return copy as T;
}
