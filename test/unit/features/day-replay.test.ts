/** One day of a small fleet, observed as the features worker observes it: what a vector says must follow from what was known then. */
import { describe, expect, it } from "vitest";
import {
  advance,
  advanceInPlace,
  createFeatureState,
  FEATURE_SPEC,
  type FeatureState,
  vectorOf,
} from "../../../models/features/fold.ts";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";
import { reportToCallers } from "../../../services/features/close/callees.ts";
import { observeWindows, type ServiceWindow } from "../../../services/features/close/observe.ts";
import { createRandom } from "../../../training/random.ts";

const SIZE = 300_000;
const WINDOWS = 288;
/** 2026-03-29T00:00:00Z: the day on which clocks change in Europe */
const START = 1_774_742_400_000;
const NAMES = ["web", "checkout", "payment"];

/** Calls go web → checkout → payment → web; services fall silent, restart, fill their pools and fail. */
function dayOf(seed: number): ServiceWindow[][] {
  const random = createRandom(seed);
  const chance = (share: number): boolean => random.uniform() < share;
  const failedBefore = NAMES.map(() => false);
  return Array.from({ length: WINDOWS }, (_, window) =>
    NAMES.map((name, index) => {
      const service = { id: index + 1, namespace: "shop", name, environment: "prod" };
      const callee = NAMES[(index + 1) % NAMES.length]!;
      const failed = chance(failedBefore[index] ? 0.6 : 0.05);
      const onset = failed && !failedBefore[index];
      const silent = chance(0.1);
      if (!silent) failedBefore[index] = failed;
      const count = Math.floor(100 * random.uniform());
      const used = Math.floor(10 * random.uniform());
      const stats: WindowStats = {
        ...emptyWindowStats(),
        requestCount: count,
        requestErrorCount: failed ? count : Math.floor(count / 20),
        callCount: count,
        callErrorCount: Math.floor(count / 10),
        callees: { [callee]: { callCount: count, errorCount: Math.floor(count / 10), durationSumMs: count * 3 } },
        versions: { [`1.${Math.floor(window / 100)}.0`]: count },
        instances: { [`${name}-${Math.floor(window / 60)}`]: count },
        gauges: { "db.client.connection.count": { count: 1, sum: used, max: used } },
        errorCount: used,
        classes: { timeout: used },
      };
      return {
        service,
        stats: silent ? null : stats,
        failed: silent ? null : failed,
        onset: onset && !silent,
        newFingerprintCount: used > 8 ? 1 : 0,
      };
    }),
  );
}

type Step = (state: FeatureState, observation: ReturnType<typeof observeWindows>[number]) => FeatureState;

/** @returns vectors by window and service */
function vectorsOf(day: readonly ServiceWindow[][], step: Step): Float32Array[][] {
  let states = NAMES.map(() => createFeatureState());
  return day.map((windows, index) => {
    const observations = observeWindows(windows, { startMs: START + index * SIZE, sizeMs: SIZE });
    states = states.map((state, service) => step(state, observations[service]!));
    const vectors = states.map(vectorOf);
    reportToCallers(
      windows.map(({ service }) => service),
      states,
      vectors,
    );
    return vectors;
  });
}

const bitsOf = (vectors: readonly Float32Array[]): number[][] =>
  vectors.map((vector) => [...new Uint32Array(vector.buffer)]);
const online: Step = (state, observation) =>
  advance(JSON.parse(JSON.stringify(state)), JSON.parse(JSON.stringify(observation)));

describe("a day of a fleet", () => {
  it("gives online, through stored state, the vectors that its history gives as of then: bit for bit", () => {
    const day = dayOf(1);
    const live = vectorsOf(day, online);
    const replayed = vectorsOf(day, advanceInPlace);
    for (let window = 0; window < WINDOWS; window += 1) {
      expect(bitsOf(live[window]!), `window ${window}`).toEqual(bitsOf(replayed[window]!));
    }
  });

  it("knows nothing of the future: another evening leaves the morning's vectors as they were", () => {
    const noon = WINDOWS / 2;
    const day = dayOf(1);
    const other = [...day.slice(0, noon), ...dayOf(2).slice(noon)];
    const [vectors, otherVectors] = [vectorsOf(day, advanceInPlace), vectorsOf(other, advanceInPlace)];
    expect(vectors.slice(0, noon).map(bitsOf)).toEqual(otherVectors.slice(0, noon).map(bitsOf));
    expect(bitsOf(vectors[noon]!)).not.toEqual(bitsOf(otherVectors[noon]!));
  });

  it("lets a caller see its callee's pool fill up, whichever of the two is folded first", () => {
    const pool = (used: number): Partial<WindowStats> => ({
      gauges: { "db.client.connection.count": { count: 1, sum: used, max: used } },
    });
    const calls = { checkout: { callCount: 10, errorCount: 0, durationSumMs: 10 } };
    const fleetOf = (order: readonly number[], used: number): ServiceWindow[] =>
      order.map((id) => ({
        service: { id, namespace: "", name: id === 1 ? "web" : "checkout", environment: "prod" },
        stats: { ...emptyWindowStats(), ...(id === 1 ? { callCount: 10, callees: calls } : pool(used)) },
        failed: false,
        onset: false,
        newFingerprintCount: 0,
      }));
    const seenBy = (order: readonly number[]): Map<number, Float32Array> => {
      const states = new Map(order.map((id) => [id, createFeatureState()]));
      let vectors: Float32Array[] = [];
      for (let window = 0; window < 40; window += 1) {
        const windows = fleetOf(order, window < 30 ? 2 : 2 + (window - 29));
        const observations = observeWindows(windows, { startMs: START + window * SIZE, sizeMs: SIZE });
        order.forEach((id, index) => {
          states.set(id, advance(states.get(id)!, observations[index]!));
        });
        vectors = order.map((id) => vectorOf(states.get(id)!));
        reportToCallers(
          windows.map(({ service }) => service),
          order.map((id) => states.get(id)!),
          vectors,
        );
      }
      return new Map(order.map((id, index) => [id, vectors[index]!]));
    };
    const columnOf = (name: string): number => FEATURE_SPEC.features.findIndex((feature) => feature.name === name);
    const growth = columnOf("saturation.pool.growth.h2_h16");
    const reported = columnOf("callee.reports.saturation.pool.growth.h2_h16");
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const vectors = seenBy(order);
      expect(vectors.get(2)![growth]).toBeGreaterThan(1.4);
      expect(vectors.get(1)![reported]).toBe(vectors.get(2)![growth]);
      expect(vectors.get(1)![growth]).toBeNaN();
      expect(vectors.get(2)![reported]).toBeNaN();
    }
  });
});
