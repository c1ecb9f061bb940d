/** What the services that a service calls say of themselves, as features of the caller: a pool that fills up over there is trouble here
 *  soon, before a single call has failed. Each feature tells of the worst callee; callees that send no telemetry of their own are missing.
 *
 *  Read from the callees' vectors at the end of the same window, and only from what they observed themselves, so that neither the order
 *  in which services are folded nor a circle of calls makes a difference. */
import type { FeatureDefinition } from "./feature-spec.ts";

/** Features of a callee of which the largest value is the worst. */
const REPORTED = [
  "error.ratio.now",
  "error.ratio.rise.h2_h32",
  "latency.p95.of_h32",
  "latency.p95.growth.h4_h32",
  "saturation.ratio.max",
  "saturation.ratio.rise.h2_h16",
  "saturation.memory.growth.h2_h16",
  "saturation.memory.growth.h16_h128",
  "saturation.pool.growth.h2_h16",
  "saturation.queue.growth.h2_h16",
  "failure.share.h2",
] as const;

/** @param own what a service observes itself @returns the features to be appended to those */
export function calleeReportFeatures(own: readonly FeatureDefinition[]): FeatureDefinition[] {
  return REPORTED.map((name) => {
    const { unit, description } = own[columnOf(own, name)]!;
    return {
      name: `callee.reports.${name}`,
      unit,
      group: "dependencies",
      description: `worst of the called services, by their own account: ${description}`,
    };
  });
}

/** @param own as for `calleeReportFeatures`
 *  @returns writes the worst of the callees' values into the columns after `own`, in place; NaN where no callee knows */
export function calleeReporter(own: readonly FeatureDefinition[]) {
  const columns = REPORTED.map((name) => columnOf(own, name));
  return (vector: Float32Array, callees: readonly Float32Array[]): void => {
    columns.forEach((column, index) => {
      let worst = Number.NaN;
      for (const callee of callees) {
        const value = callee[column]!;
        if (!Number.isNaN(value) && !(value <= worst)) worst = value;
      }
      vector[own.length + index] = worst;
    });
  };
}

function columnOf(features: readonly FeatureDefinition[], name: string): number {
  const column = features.findIndex((feature) => feature.name === name);
  if (column < 0) throw new RangeError(`there is no feature ${name}`);
  return column;
}
