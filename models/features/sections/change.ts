/** What changed in the service itself: a new version, new or restarted instances. */
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt, timesOf } from "../decayed.ts";
import { type FeatureSection, feature, orMissing, windowsSince } from "../section.ts";
import { isNewer, VERSION_PARTS, versionParts } from "../version-parts.ts";

const RATE = halfLives(32);
const INSTANCES = halfLives(144);
/** Names remembered per kind, newest last; a name forgotten and seen again counts as new. */
const REMEMBERED = 32;

interface ChangeState {
  versions: string[];
  instances: string[];
  lastVersionMs: number | null;
  lastInstanceMs: number | null;
  /** of the newest numbered version, in the order of VERSION_PARTS; null: none yet */
  newestParts: number[] | null;
  /** when each part last rose */
  lastPartMs: (number | null)[];
  /** instances that appeared, per window with data */
  starts: DecayedRatio;
  instanceCount: DecayedRatio;
  nowVersions: number | null;
  nowInstances: number | null;
  newestVersionShare: number | null;
}

export const changeSection: FeatureSection<ChangeState> = {
  create: () => ({
    versions: [],
    instances: [],
    lastVersionMs: null,
    lastInstanceMs: null,
    newestParts: null,
    lastPartMs: VERSION_PARTS.map(() => null),
    starts: createDecayedRatio(RATE),
    instanceCount: createDecayedRatio(INSTANCES),
    nowVersions: null,
    nowInstances: null,
    newestVersionShare: null,
  }),

  step(state, { stats }, { steps, endMs }) {
    ageRatio(state.starts, RATE, steps);
    ageRatio(state.instanceCount, INSTANCES, steps);
    const versions = stats ? presentNames(stats.versions) : [];
    const instances = stats ? presentNames(stats.instances) : [];
    state.nowVersions = versions.length > 0 ? versions.length : null;
    state.nowInstances = instances.length > 0 ? instances.length : null;
    state.newestVersionShare = null;
    if (!stats) return;

    // The first version and the first instances of a service are not a change.
    const knewVersions = state.versions.length > 0;
    if (remember(state.versions, versions) > 0 && knewVersions) state.lastVersionMs = endMs;
    for (const version of versions) noteParts(state, versionParts(version), endMs);
    const newest = state.versions.at(-1);
    if (newest !== undefined && versions.length > 0) state.newestVersionShare = shareOf(stats.versions, newest);

    const knewInstances = state.instances.length > 0;
    const started = remember(state.instances, instances);
    if (instances.length === 0) return;
    addRatio(state.starts, knewInstances ? started : 0, 1);
    addRatio(state.instanceCount, instances.length, 1);
    if (started > 0 && knewInstances) state.lastInstanceMs = endMs;
  },

  features: [
    feature("change", "change.version.since", "{window}", "time since a new service.version appeared", (s, context) =>
      windowsSince(s.lastVersionMs, context),
    ),
    ...VERSION_PARTS.map((name, part) =>
      feature<ChangeState>(
        "change",
        `change.version.${name}.since`,
        "{window}",
        `time since the ${name} number of service.version rose`,
        (s, context) => windowsSince(s.lastPartMs[part]!, context),
      ),
    ),
    feature("change", "change.versions.now", "{version}", "versions running side by side", (s) =>
      orMissing(s.nowVersions),
    ),
    feature("change", "change.version.newest_share", "1", "share of records from the newest version", (s) =>
      orMissing(s.newestVersionShare),
    ),
    feature(
      "change",
      "change.instance.since",
      "{window}",
      "time since an instance appeared or restarted",
      (s, context) => windowsSince(s.lastInstanceMs, context),
    ),
    ...RATE.windows.map((window, index) =>
      feature<ChangeState>(
        "change",
        `change.starts.h${window}`,
        "{instance}",
        `instances that appeared or restarted per window, half-life ${window} windows`,
        (s) => ratioAt(s.starts, index),
      ),
    ),
    feature(
      "change",
      "change.instances.of_usual",
      "1",
      "instances as a multiple of the usual (half-life 144 windows)",
      (s) => timesOf(orMissing(s.nowInstances), ratioAt(s.instanceCount, 0), 0.1),
    ),
  ],
};

/** Sorted, so that the order in which records arrived leaves no trace in the state. */
function presentNames(counts: Readonly<Record<string, number>>): string[] {
  return Object.keys(counts).sort();
}

/** Appends unknown names to the bounded memory, in place.
 *  @returns how many were unknown */
function remember(known: string[], names: readonly string[]): number {
  let added = 0;
  for (const name of names) {
    if (known.includes(name)) continue;
    known.push(name);
    added++;
  }
  if (known.length > REMEMBERED) known.splice(0, known.length - REMEMBERED);
  return added;
}

/** A roll back raises no number; the return to what was newest already is no rise either. */
function noteParts(state: ChangeState, parts: number[] | null, endMs: number): void {
  if (parts === null || (state.newestParts !== null && !isNewer(parts, state.newestParts))) return;
  parts.forEach((number, part) => {
    const before = state.newestParts?.[part];
    if (before !== undefined && number > before) state.lastPartMs[part] = endMs;
  });
  state.newestParts = parts;
}

function shareOf(counts: Readonly<Record<string, number>>, name: string): number {
  let total = 0;
  for (const key in counts) total += counts[key]!;
  // Names are the sender's: `__proto__` must not read the prototype.
  return total > 0 && Object.hasOwn(counts, name) ? counts[name]! / total : 0;
}
