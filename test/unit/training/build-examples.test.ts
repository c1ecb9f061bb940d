import { describe, expect, it } from "vitest";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import { buildExamples } from "../../../training/dataset/build-examples.ts";
import type { ServiceHistory } from "../../../training/dataset/history.ts";

const SIZE_MS = 1000;

/** h healthy, f failed, ? unknown; one window each, every window with a vector that holds its own number */
function service(states: string, more: Partial<ServiceHistory> = {}): ServiceHistory {
  const windows = [...states].map((state, index) => ({
    startMs: index * SIZE_MS,
    failed: state === "?" ? null : state === "f",
  }));
  return {
    serviceId: 1,
    windows,
    incidents: [],
    verdicts: [],
    vectors: windows.map(({ startMs }, index) => ({ atMs: startMs + SIZE_MS, vector: Float32Array.of(index) })),
    onsetClasses: new Map(),
    ...more,
  };
}

const build = (...services: ServiceHistory[]) => buildExamples({ windowSizeMs: SIZE_MS, everyWindows: 1, services }, 1);

describe("examples", () => {
  it("count windows to the onset and leave out windows that are failing already", () => {
    const { examples, counts } = build(service("hhhffhh"));
    expect(Array.from(examples.vectors)).toEqual([0, 1, 2, 5]);
    expect(Array.from(examples.windowsToOnset)).toEqual([3, 2, 1, Number.NaN]);
    expect(Array.from(examples.onsetMs)).toEqual([3000, 3000, 3000, Number.NaN]);
    expect(counts.excluded).toMatchObject({ failing: 2, not_watched: 1 });
  });

  it("take the classes of the window in which the failure began, and an incident's above them", () => {
    const timeout = ERROR_CLASSES.indexOf("timeout");
    const crash = ERROR_CLASSES.indexOf("crash");
    const onsetClasses = new Map([[2000, { timeout: 4, unknown: 9 }]]);
    const counted = build(service("hhfh", { onsetClasses })).examples.classes;
    expect([counted[timeout], counted[crash]]).toEqual([4, 0]);
    const incidents = [{ startMs: 2100, endMs: 2900, class: "crash" as const }];
    const named = build(service("hhfh", { onsetClasses, incidents })).examples.classes;
    expect([named[timeout], named[crash]]).toEqual([0, 1]);
  });

  it("leave out what an operator mitigated", () => {
    const verdicts = [{ atMs: 2000, horizonMs: 3000, outcome: "mitigated" as const }];
    const { counts } = build(service("hhhhhhhh", { verdicts }));
    expect(counts.excluded.mitigated).toBeGreaterThan(0);
  });

  it("are ordered by time, whatever the order of the services", () => {
    const { examples } = build({ ...service("hhh"), serviceId: 9 }, { ...service("hhh"), serviceId: 2 });
    expect(Array.from(examples.atMs)).toEqual([1000, 1000, 2000, 2000]);
    expect(Array.from(examples.entity)).toEqual([2, 9, 2, 9]);
  });

  it("need a window for every vector", () => {
    const orphan = service("hh", { vectors: [{ atMs: 77_000, vector: Float32Array.of(0) }] });
    expect(build(orphan).counts.excluded.no_window).toBe(1);
  });
});
