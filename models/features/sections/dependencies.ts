/** The services this one calls, by its client spans, and what its callers say of it. */
import type { CalleeStats } from "../../windows/window-stats.ts";
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt, timesOf } from "../decayed.ts";
import type { WindowObservation } from "../feature-spec.ts";
import { type FeatureSection, feature, orMissing } from "../section.ts";

const ERRORS = halfLives(4, 64);
const DURATION = halfLives(2, 64);
const CALLS = halfLives(64);
const CALLERS = halfLives(8);
const CALLEE = halfLives(4, 64);
/** index of half-life 64 in CALLEE: a call that hangs is reported only when it ends, so a callee stays one for a while */
const LATELY = 1;
/** Callees followed one by one; the ones used longest ago are forgotten first. */
const FOLLOWED = 16;
/** Calls a callee must have had lately, after decay, before it may be the worst one. */
const ENOUGH_CALLS = 1;

interface FollowedCallee {
  name: string;
  errors: DecayedRatio;
  duration: DecayedRatio;
  lastSeenMs: number;
}

interface DependenciesState {
  errors: DecayedRatio;
  duration: DecayedRatio;
  callCount: DecayedRatio;
  callers: DecayedRatio;
  callerCalls: DecayedRatio;
  callees: FollowedCallee[];
  nowRatio: number | null;
  nowWorstRatio: number | null;
  nowCalls: number | null;
  nowCallersRatio: number | null;
  nowCallerCalls: number | null;
}

export const dependenciesSection: FeatureSection<DependenciesState> = {
  create: () => ({
    errors: createDecayedRatio(ERRORS),
    duration: createDecayedRatio(DURATION),
    callCount: createDecayedRatio(CALLS),
    callers: createDecayedRatio(CALLERS),
    callerCalls: createDecayedRatio(CALLS),
    callees: [],
    nowRatio: null,
    nowWorstRatio: null,
    nowCalls: null,
    nowCallersRatio: null,
    nowCallerCalls: null,
  }),

  step(state, { stats, callers }, { steps, endMs }) {
    ageRatio(state.errors, ERRORS, steps);
    ageRatio(state.duration, DURATION, steps);
    ageRatio(state.callCount, CALLS, steps);
    for (const callee of state.callees) {
      ageRatio(callee.errors, CALLEE, steps);
      ageRatio(callee.duration, CALLEE, steps);
    }
    state.nowRatio = null;
    state.nowWorstRatio = null;
    state.nowCalls = stats ? stats.callCount : null;
    if (stats) {
      addRatio(state.callCount, stats.callCount, 1);
      if (stats.callCount > 0) {
        addRatio(state.errors, stats.callErrorCount, stats.callCount);
        state.nowRatio = stats.callErrorCount / stats.callCount;
        followCallees(state, stats.callees, endMs);
      }
    }
    stepCallers(state, callers, steps);
  },

  features: [
    feature(
      "dependencies",
      "callee.error_ratio.now",
      "1",
      "failed calls of all calls to dependencies in the last window",
      (s) => orMissing(s.nowRatio),
    ),
    ...ERRORS.windows.map((window, index) =>
      feature<DependenciesState>(
        "dependencies",
        `callee.error_ratio.h${window}`,
        "1",
        `failed calls of all calls to dependencies, half-life ${window} windows`,
        (s) => ratioAt(s.errors, index),
      ),
    ),
    feature(
      "dependencies",
      "callee.worst.error_ratio.now",
      "1",
      "error ratio of the worst dependency in the last window",
      (s) => orMissing(s.nowWorstRatio),
    ),
    feature(
      "dependencies",
      "callee.worst.error_ratio.h4",
      "1",
      "error ratio of the worst dependency, half-life 4 windows",
      (s) => worst(s.callees, (callee) => ratioAt(callee.errors, 0)),
    ),
    feature(
      "dependencies",
      "callee.duration.growth",
      "1",
      "mean call duration, half-life 2 as a multiple of 64 windows",
      (s) => timesOf(ratioAt(s.duration, 0), ratioAt(s.duration, 1), 0.5),
    ),
    feature(
      "dependencies",
      "callee.worst.duration.growth",
      "1",
      "the same for the dependency that slowed down most (4 over 64)",
      (s) => worst(s.callees, (callee) => timesOf(ratioAt(callee.duration, 0), ratioAt(callee.duration, 1), 0.5)),
    ),
    feature(
      "dependencies",
      "callee.calls.of_h64",
      "1",
      "calls as a multiple of the usual (half-life 64 windows)",
      (s) => timesOf(orMissing(s.nowCalls), ratioAt(s.callCount, 0), 1),
    ),
    feature("dependencies", "callers.error_ratio.now", "1", "failed calls as this service's callers saw them", (s) =>
      orMissing(s.nowCallersRatio),
    ),
    feature("dependencies", "callers.error_ratio.h8", "1", "the same, half-life 8 windows", (s) =>
      ratioAt(s.callers, 0),
    ),
    feature(
      "dependencies",
      "callers.calls.of_h64",
      "1",
      "calls by callers as a multiple of the usual (half-life 64)",
      (s) => timesOf(orMissing(s.nowCallerCalls), ratioAt(s.callerCalls, 0), 1),
    ),
  ],
};

/** Dependencies called lately, in name order. @param state of this section, as the fold keeps it */
export function recentCallees(state: Readonly<Record<string, unknown>>): string[] {
  // The fold only hands over what this section made.
  const { callees } = state as unknown as DependenciesState;
  return callees
    .filter((callee) => callee.errors.denominator[LATELY]! >= ENOUGH_CALLS)
    .map((callee) => callee.name)
    .sort();
}

function stepCallers(state: DependenciesState, callers: WindowObservation["callers"], steps: number): void {
  ageRatio(state.callers, CALLERS, steps);
  ageRatio(state.callerCalls, CALLS, steps);
  state.nowCallersRatio = callers && callers.callCount > 0 ? callers.errorCount / callers.callCount : null;
  state.nowCallerCalls = callers ? callers.callCount : null;
  if (!callers) return;
  addRatio(state.callers, callers.errorCount, callers.callCount);
  addRatio(state.callerCalls, callers.callCount, 1);
}

function followCallees(state: DependenciesState, callees: Readonly<Record<string, CalleeStats>>, endMs: number): void {
  const names = Object.keys(callees).sort();
  let durationSumMs = 0;
  let callCount = 0;
  let worstRatio: number | null = null;
  for (const name of names) {
    const stats = callees[name]!;
    if (stats.callCount <= 0) continue;
    durationSumMs += stats.durationSumMs;
    callCount += stats.callCount;
    worstRatio = Math.max(worstRatio ?? 0, stats.errorCount / stats.callCount);
    const callee = follow(state.callees, name);
    callee.lastSeenMs = endMs;
    addRatio(callee.errors, stats.errorCount, stats.callCount);
    addRatio(callee.duration, stats.durationSumMs, stats.callCount);
  }
  if (callCount > 0) addRatio(state.duration, durationSumMs, callCount);
  state.nowWorstRatio = worstRatio;
  if (state.callees.length > FOLLOWED) {
    state.callees.sort((a, b) => b.lastSeenMs - a.lastSeenMs || (a.name < b.name ? -1 : 1));
    state.callees.length = FOLLOWED;
  }
}

function follow(callees: FollowedCallee[], name: string): FollowedCallee {
  const known = callees.find((callee) => callee.name === name);
  if (known) return known;
  const callee = { name, errors: createDecayedRatio(CALLEE), duration: createDecayedRatio(CALLEE), lastSeenMs: 0 };
  callees.push(callee);
  return callee;
}

function worst(callees: readonly FollowedCallee[], measure: (callee: FollowedCallee) => number): number {
  let value = Number.NaN;
  for (const callee of callees) {
    if (callee.errors.denominator[0]! < ENOUGH_CALLS) continue;
    const measured = measure(callee);
    if (!(measured <= value)) value = measured;
  }
  return value;
}
