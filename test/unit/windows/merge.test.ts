import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_NAME_BOUNDS, type NameBounds, OTHER } from "../../../models/windows/bounded-map.ts";
import { latencyQuantile } from "../../../models/windows/latency-quantile.ts";
import { mergeWindowStats, sumWindowStats } from "../../../models/windows/merge.ts";
import { otherCounts } from "../../../models/windows/other-counts.ts";
import { createWindowBuilder, type WindowBuilder } from "../../../models/windows/window-builder.ts";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";

type Step = (builder: WindowBuilder) => void;

const name = fc.oneof(
  fc.constantFrom("payment", "inventory", "10.0.0.7", "__proto__", OTHER),
  fc.nat(300).map((n) => `host-${n}`),
);
const durationMs = fc.oneof(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.constantFrom(-5, Number.NaN, 0, 1e15));
const utilization = fc.double({ min: 0, max: 1, noNaN: true });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((builder) => builder.span()),
  fc.constant<Step>((builder) => builder.metricPoint()),
  fc.record({ durationMs, isError: fc.boolean() }).map(
    (request): Step =>
      (builder) =>
        builder.request(request),
  ),
  fc.record({ callee: fc.option(name), durationMs, isError: fc.boolean() }).map(
    (call): Step =>
      (builder) =>
        builder.call(call),
  ),
  fc.record({ severityNumber: fc.nat(24), isError: fc.boolean() }).map(
    (log): Step =>
      (builder) =>
        builder.log(log),
  ),
  fc.tuple(name, utilization).map(
    ([gauge, value]): Step =>
      (builder) =>
        builder.gauge(gauge, value),
  ),
  fc.record({ version: fc.option(name, { nil: undefined }), instance: fc.option(name, { nil: undefined }) }).map(
    (sender): Step =>
      (builder) =>
        builder.seen(sender),
  ),
);

function build(steps: readonly Step[], bounds: NameBounds = DEFAULT_NAME_BOUNDS): WindowStats {
  const builder = createWindowBuilder(bounds);
  for (const apply of steps) apply(builder);
  return builder.build();
}

/** What the features worker adds to a receiver's delta. */
const classified = fc
  .tuple(fc.constantFrom("timeout", "crash", "unknown"), fc.dictionary(name, fc.integer({ min: 1, max: 9 })))
  .map(([errorClass, fingerprints]) => ({ classes: { [errorClass]: 1 }, fingerprints, errorCount: 1 }));

const delta: fc.Arbitrary<WindowStats> = fc
  .tuple(fc.array(step, { maxLength: 40 }), fc.option(classified))
  .map(([steps, errors]) => ({ ...build(steps), ...errors }));

describe("merging window statistics", () => {
  it("has the empty window as its identity", () => {
    fc.assert(
      fc.property(delta, (stats) => {
        expect(mergeWindowStats(stats, emptyWindowStats())).toEqual(stats);
        expect(mergeWindowStats(emptyWindowStats(), stats)).toEqual(stats);
      }),
    );
  });

  it("is commutative and associative bit for bit", () => {
    fc.assert(
      fc.property(delta, delta, delta, (a, b, c) => {
        expect(mergeWindowStats(a, b)).toStrictEqual(mergeWindowStats(b, a));
        expect(mergeWindowStats(mergeWindowStats(a, b), c)).toStrictEqual(mergeWindowStats(a, mergeWindowStats(b, c)));
      }),
    );
  });

  it("gives one text for any order of the deltas, one by one or at once", () => {
    fc.assert(
      fc.property(
        fc.array(delta, { minLength: 1, maxLength: 8 }).chain((deltas) =>
          fc.record({
            deltas: fc.constant(deltas),
            shuffled: fc.shuffledSubarray(deltas, { minLength: deltas.length }),
          }),
        ),
        ({ deltas, shuffled }) => {
          const oneByOne = shuffled.reduce(mergeWindowStats, emptyWindowStats());
          expect(JSON.stringify(oneByOne)).toBe(JSON.stringify(sumWindowStats(deltas)));
        },
      ),
    );
  });

  it("adds up to the same under any bounds, and says how much has no name of its own", () => {
    const bounds = { callees: 1, versions: 1, instances: 1, gauges: 1, fingerprints: 1 };
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 60 }), { minLength: 1, maxLength: 6 }), (parts) => {
        const whole = build(parts.flat(), bounds);
        const merged = sumWindowStats(
          parts.map((steps) => build(steps, bounds)),
          bounds,
        );
        expect(merged).toStrictEqual(whole);
        const unbound = build(parts.flat(), { ...bounds, callees: 1e6, versions: 1e6, instances: 1e6, gauges: 1e6 });
        const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);
        expect(total(whole.versions)).toBe(total(unbound.versions));
        const other = otherCounts(whole);
        for (const kind of ["versions", "instances"] as const) {
          const named = Object.keys(whole[kind]).find((name) => name !== OTHER);
          expect(other[kind]).toBe(total(unbound[kind]) - (named === undefined ? 0 : (unbound[kind][named] ?? 0)));
        }
      }),
    );
  });

  it("does not tell whether records came in one request or in several", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.nat(400), (steps, cut) => {
        const whole = build(steps);
        const parts = mergeWindowStats(build(steps.slice(0, cut)), build(steps.slice(cut)));
        expect(parts).toStrictEqual(whole);
      }),
    );
  });

  it("survives JSON, as a queue and a database make it", () => {
    fc.assert(
      fc.property(delta, (stats) => {
        expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
      }),
    );
  });
});

describe("a window builder", () => {
  it("counts what happened", () => {
    const builder = createWindowBuilder();
    for (let index = 1; index <= 100; index++) {
      builder.span();
      builder.request({ durationMs: index, isError: index > 90 });
    }
    builder.span();
    builder.call({ callee: "payment", durationMs: 5.5, isError: true });
    builder.call({ callee: null, durationMs: 1, isError: false });
    builder.log({ severityNumber: 13, isError: false });
    builder.log({ severityNumber: 17, isError: true });
    builder.log({ severityNumber: 9, isError: true });
    builder.metricPoint();
    builder.gauge("pool.utilization", 0.5);
    builder.gauge("pool.utilization", 0.75);
    builder.gauge("pool.utilization", Number.NaN);
    builder.seen({ version: "1.2.3", instance: "a" });
    builder.seen({ version: "1.2.3" });

    const stats = builder.build();
    expect(stats).toMatchObject({
      requestCount: 100,
      requestErrorCount: 10,
      callCount: 2,
      callErrorCount: 1,
      spanCount: 101,
      logCount: 3,
      warnLogCount: 1,
      errorLogCount: 2,
      metricPointCount: 1,
      errorCount: 0,
      durationSumMs: 5050,
      callees: { payment: { callCount: 1, errorCount: 1, durationSumMs: 5.5 } },
      gauges: { "pool.utilization": { count: 2, sum: 1.25, max: 0.75 } },
      versions: { "1.2.3": 2 },
      instances: { a: 1 },
    });
    expect(latencyQuantile(stats, 0.95)! / 95).toBeCloseTo(1, 1);
  });

  it("keeps its maps bounded under a flood of names, and loses no call", () => {
    const builder = createWindowBuilder();
    for (let index = 0; index < 5_000; index++) {
      builder.call({ callee: `host-${index}`, durationMs: 1, isError: false });
      builder.seen({ version: `v${index}`, instance: `i${index}` });
      builder.gauge(`gauge.${index}`, 1);
    }
    const stats = builder.build();
    expect(Object.keys(stats.callees)).toHaveLength(DEFAULT_NAME_BOUNDS.callees + 1);
    expect(Object.values(stats.callees).reduce((sum, callee) => sum + callee.callCount, 0)).toBe(5_000);
    expect(Object.keys(stats.versions)).toHaveLength(DEFAULT_NAME_BOUNDS.versions + 1);
    expect(Object.keys(stats.instances)).toHaveLength(DEFAULT_NAME_BOUNDS.instances + 1);
    expect(Object.keys(stats.gauges)).toHaveLength(DEFAULT_NAME_BOUNDS.gauges + 1);
    expect(Object.values(stats.gauges).reduce((sum, gauge) => sum + gauge.count, 0)).toBe(5_000);
  });
});
