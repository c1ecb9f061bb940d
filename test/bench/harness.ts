/** Measuring on noisy machines: the two sides of a ratio run in turn within one process and one run (A B A B …), and the ratio is
 *  the median of the pairs' ratios. Absolute figures are printed for orientation only. */
import { performance } from "node:perf_hooks";

export interface Figure {
  suite: string;
  name: string;
  value: number;
  unit: string;
}

export interface Ratio {
  suite: string;
  name: string;
  /** numerator and denominator in words */
  of: string;
  against: string;
  ratio: number;
  /** lowest and highest of the pairs */
  spread: [number, number];
}

export interface Report {
  figures: Figure[];
  ratios: Ratio[];
}

export type Suite = { name: string; run(report: SuiteReport): Promise<void> };

export interface SuiteReport {
  figure(name: string, value: number, unit: string): void;
  /** @param pairs per round: value of the measured side and of the side it is compared with, same unit, higher is better */
  ratio(name: string, of: string, against: string, pairs: readonly (readonly [number, number])[]): void;
}

export function suiteReport(suite: string, report: Report): SuiteReport {
  return {
    figure: (name, value, unit) => {
      report.figures.push({ suite, name, value, unit });
      console.log(`  ${name.padEnd(58)} ${format(value)} ${unit}`);
    },
    ratio: (name, of, against, pairs) => {
      const ratios = pairs.map(([measured, reference]) => measured / reference).sort((a, b) => a - b);
      const ratio = median(ratios);
      report.ratios.push({
        suite,
        name,
        of,
        against,
        ratio,
        spread: [ratios[0] ?? Number.NaN, ratios.at(-1) ?? Number.NaN],
      });
      console.log(`  ${name.padEnd(58)} ${format(ratio)} ×  (${of} against ${against})`);
    },
  };
}

/** Work per second over at least `minMs` of repetitions. @param unitsPerCall what one call processes */
export async function throughput(unitsPerCall: number, minMs: number, call: () => unknown): Promise<number> {
  let calls = 0;
  const start = performance.now();
  let elapsed = 0;
  while (elapsed < minMs) {
    await call();
    calls += 1;
    elapsed = performance.now() - start;
  }
  return (calls * unitsPerCall * 1000) / elapsed;
}

/** Work per second of this process's CPU time, all of its threads taken together: neighbours on the machine slow it down less than the
 *  clock. The median over the calls, so that those that were disturbed do not count.
 *  @param unitsPerCall what one call processes */
export async function cpuThroughput(unitsPerCall: number, minMs: number, call: () => unknown): Promise<number> {
  const rounds: number[] = [];
  const end = performance.now() + minMs;
  while (rounds.length < MIN_ROUNDS || (performance.now() < end && rounds.length < MAX_ROUNDS)) {
    const before = process.cpuUsage();
    await call();
    const { user, system } = process.cpuUsage(before);
    rounds.push((unitsPerCall * 1e6) / (user + system));
  }
  return median(rounds);
}

const MIN_ROUNDS = 9;
const MAX_ROUNDS = 1_000;

/** Milliseconds of each of `count` calls, ascending. */
export async function durations(count: number, call: (index: number) => unknown): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await call(index);
    all.push(performance.now() - start);
  }
  return all.sort((a, b) => a - b);
}

/** Milliseconds of processor time, of all threads, of each of `count` calls, ascending. */
export async function cpuDurations(count: number, call: (index: number) => unknown): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = process.cpuUsage();
    await call(index);
    const { user, system } = process.cpuUsage(start);
    all.push((user + system) / 1000);
  }
  return all.sort((a, b) => a - b);
}

/** @param ascending sorted values @param q in [0, 1] */
export function quantile(ascending: readonly number[], q: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function format(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toFixed(digits).padStart(12);
}
