/** A section is one part of the feature fold: its own JSON-able state, how a window changes it, and the features read from it. */
import type { EpochMs } from "../telemetry/records.ts";
import type { FeatureDefinition, FeatureGroup, WindowObservation } from "./feature-spec.ts";

interface StepContext {
  /** windows since the previous observation, 0 for the first, 1 without a gap */
  steps: number;
  endMs: EpochMs;
}

/** What is the same for all sections when a vector is read. */
export interface ReadContext {
  /** end of the newest window: the moment the vector speaks of */
  endMs: EpochMs;
  windowSizeMs: number;
}

export interface SectionFeature<S> extends FeatureDefinition {
  /** NaN when unknown */
  read(state: S, context: ReadContext): number;
}

export interface FeatureSection<S> {
  create(): S;
  /** Changes `state` in place; the fold hands every section a copy that it owns. */
  step(state: S, observation: WindowObservation, context: StepContext): void;
  features: readonly SectionFeature<S>[];
}

/** Names the columns once per feature: `feature("latency", "latency.p95.now", "ms", "…", (state) => …)`. */
export function feature<S>(
  group: FeatureGroup,
  name: string,
  unit: string,
  description: string,
  read: (state: S, context: ReadContext) => number,
): SectionFeature<S> {
  return { group, name, unit, description, read };
}

/** Windows from an earlier moment to the end of the newest window; NaN when it never happened. */
export function windowsSince(momentMs: EpochMs | null, context: ReadContext): number {
  return momentMs === null ? Number.NaN : (context.endMs - momentMs) / context.windowSizeMs;
}

export function orMissing(value: number | null): number {
  return value === null ? Number.NaN : value;
}
