import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  foldRegrouping,
  lineageOf,
  PLAIN_GROUPING,
  type Regrouping,
  type RegroupingStep,
  SPLIT_CRITERIA,
} from "../../../models/grouping/regrouping.ts";

const merge = (into: string, ...groups: string[]): RegroupingStep => ({ kind: "merge", into, groups });
const separate = (from: string, ...groups: string[]): RegroupingStep => ({ kind: "separate", from, groups });
const split = (group: string, by: (typeof SPLIT_CRITERIA)[number]): RegroupingStep => ({ kind: "split", group, by });

const fold = (...steps: RegroupingStep[]): Regrouping => {
  const { regrouping, misfits } = foldRegrouping(steps);
  expect([...misfits.values()]).toEqual([]);
  return regrouping;
};
const misfit = (...steps: RegroupingStep[]): string | undefined => foldRegrouping(steps).misfits.get(steps.length - 1);
const placeOf = (regrouping: Regrouping, fingerprint: string, value = "x") =>
  regrouping.place(fingerprint, (criterion) => `${criterion}=${value}`);

describe("merging", () => {
  it("leads errors on to the group, along any number of merges, and counts them where they came from", () => {
    const regrouping = fold(merge("b", "a"), merge("c", "b", "d"));
    expect(["a", "b", "c", "d", "e"].map((name) => placeOf(regrouping, name))).toEqual([
      { member: "a", group: "c" },
      { member: "b", group: "c" },
      { member: "c", group: "c" },
      { member: "d", group: "c" },
      { member: "e", group: "e" },
    ]);
  });

  it("is refused where a group is merged already, or with itself", () => {
    expect(misfit(merge("b", "a"), merge("a", "c"))).toBe("a is merged into b");
    expect(misfit(merge("b", "a"), merge("c", "a"))).toBe("a is merged into b");
    expect(misfit(merge("a", "a"))).toBe("a group cannot be merged with itself");
  });

  it("is taken back for one member by separating it, and for those merged into that one with it", () => {
    const regrouping = fold(merge("b", "a"), merge("c", "b"), separate("c", "b"));
    expect(["a", "b", "c"].map((name) => regrouping.groupOf(name))).toEqual(["b", "b", "c"]);
    expect(misfit(merge("b", "a"), separate("b", "c"))).toBe("c is not merged into b");
    expect(misfit(merge("b", "a"), separate("b", "b"))).toBe("b is not merged into b");
  });
});

describe("splitting", () => {
  it("tells errors of a group apart by the criterion, also those merged into it", () => {
    const regrouping = fold(merge("b", "a"), split("b", "service"));
    const [one, other, merged] = [
      placeOf(regrouping, "b", "1"),
      placeOf(regrouping, "b", "2"),
      placeOf(regrouping, "a", "1"),
    ];
    expect(one.group).toMatch(/^b~service\.[0-9a-f]{12}$/);
    expect(other.group).not.toBe(one.group);
    expect(merged.group).toBe(one.group);
    expect(merged.member).toMatch(/^a~service\./);
  });

  it("leaves what was counted before with the whole, and gives the parts back when it is undone", () => {
    const regrouping = fold(split("a", "message"));
    const { member } = placeOf(regrouping, "a");
    expect(regrouping.groupOf("a")).toBe("a");
    expect(regrouping.groupOf(member)).toBe(member);
    expect(PLAIN_GROUPING.groupOf(member)).toBe("a");
  });

  it("goes on within a part by another criterion, and a part can be merged", () => {
    const whole = fold(split("a", "service"));
    const part = placeOf(whole, "a", "1").group;
    const regrouping = fold(split("a", "service"), split(part, "frame"), merge("z", placeOf(whole, "a", "2").group));
    expect(lineageOf(placeOf(regrouping, "a", "1").group).slice(1)).toEqual([part, "a"]);
    expect(placeOf(regrouping, "a", "2").group).toBe("z");
    expect(misfit(split("a", "service"), split(part, "service"))).toBe(`${part} is already a part by service`);
  });

  it("closes the whole, and a part is open only while its whole is split by that criterion", () => {
    const part = placeOf(fold(split("a", "service")), "a").group;
    expect(misfit(split("a", "service"), merge("a", "b"))).toBe("a is split by service: name one of its parts");
    expect(misfit(merge(part, "b"))).toBe(`${part} is a part of a group that is not split`);
    expect(misfit(split("a", "frame"), merge(part, "b"))).toBe(`${part} is a part of a group that is not split`);
  });
});

describe("any log of steps", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const value = fc.constantFrom("1", "2");
  /** Steps over groups that may exist at that point, parts included; many of them do not fit, as in life. */
  const steps = fc
    .array(
      fc.record({
        kind: fc.constantFrom("merge", "separate", "split"),
        names: fc.array(fc.record({ name, value, placed: fc.boolean() }), { minLength: 2, maxLength: 3 }),
        by: fc.constantFrom(...SPLIT_CRITERIA),
      }),
      { maxLength: 12 },
    )
    .map((plans) => {
      const taken: RegroupingStep[] = [];
      for (const { kind, names, by } of plans) {
        const { regrouping } = foldRegrouping(taken);
        const [first = "a", ...rest] = names.map((one) =>
          one.placed ? placeOf(regrouping, one.name, one.value).group : one.name,
        );
        taken.push(
          kind === "merge" ? merge(first, ...rest) : kind === "split" ? split(first, by) : separate(first, ...rest),
        );
      }
      return taken;
    });

  it("puts every error in one open group, and its member in the same one", () => {
    fc.assert(
      fc.property(steps, name, value, (log, fingerprint, own) => {
        const { regrouping } = foldRegrouping(log);
        const { member, group } = placeOf(regrouping, fingerprint, own);
        expect(regrouping.isOpen(group)).toBe(true);
        expect(regrouping.groupOf(member)).toBe(group);
        expect(lineageOf(member).at(-1)).toBe(fingerprint);
      }),
    );
  });

  it("gives back the grouping before its last step when that is left out", () => {
    fc.assert(
      fc.property(steps, name, value, (log, fingerprint, own) => {
        const { regrouping: before } = foldRegrouping(log.slice(0, -1));
        const { regrouping: after } = foldRegrouping(log);
        const { member } = placeOf(after, fingerprint, own);
        const placed = placeOf(before, fingerprint, own).group;
        // What was counted meanwhile goes back with the rest, or stays with the whole that the last step had divided.
        expect(lineageOf(placed)).toContain(before.groupOf(member));
      }),
    );
  });

  it("changes nothing by a step that does not fit", () => {
    fc.assert(
      fc.property(steps, name, value, (log, fingerprint, own) => {
        const { regrouping, misfits } = foldRegrouping(log);
        const fitting = log.filter((_, index) => !misfits.has(index));
        expect(placeOf(foldRegrouping(fitting).regrouping, fingerprint, own)).toEqual(
          placeOf(regrouping, fingerprint, own),
        );
      }),
    );
  });
});
