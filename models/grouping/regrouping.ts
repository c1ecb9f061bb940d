/** Which group an error belongs to, after what operators merged and split. Operators' steps are a log that is only ever added to; the
 *  state is a fold over the steps that stand, so that any of them can be undone and nothing has to be repaired afterwards.
 *
 *  Two kinds of names, both beginning with a fingerprint:
 *  - a **member** is what is counted: the fingerprint, and the parts by which splits told its errors apart, `v2-…~service.1f0e…`.
 *    It does not depend on merges, so a merge that is undone leaves the counts that there would have been without it.
 *  - a **group** is what is shown and labelled: a member's name led on along merges, with the parts of the splits on that way. */
import { hashHex } from "../classifier/hashing.ts";

export const SPLIT_CRITERIA = ["service", "message", "frame"] as const;
export type SplitCriterion = (typeof SPLIT_CRITERIA)[number];

export type RegroupingStep =
  /** from now on the errors of `groups` are errors of `into` */
  | { kind: "merge"; into: string; groups: readonly string[] }
  /** takes back what was merged into a group: `groups` stand for themselves again */
  | { kind: "separate"; from: string; groups: readonly string[] }
  /** errors of the group that differ in the criterion are groups of their own */
  | { kind: "split"; group: string; by: SplitCriterion };

interface Placement {
  member: string;
  group: string;
}

export interface Regrouping {
  /** @param valueUnder what the error has under a criterion; asked only where the group is split by it */
  place(fingerprint: string, valueUnder: (criterion: SplitCriterion) => string): Placement;
  /** The group of a member (or of a former group, by its name). A member that was counted before a split stays with the whole. */
  groupOf(member: string): string;
  /** by what a group is split; null when it is not */
  splitOf(group: string): SplitCriterion | null;
  /** Whether errors can land in the group as it stands: it is neither merged into another one, nor split. */
  isOpen(group: string): boolean;
}

export const PLAIN_GROUPING: Regrouping = foldRegrouping([]).regrouping;

/** A name and those it is a part of, nearest first: labels of the whole count for its parts until these have their own. */
export function lineageOf(name: string): string[] {
  const names = [name];
  for (let cut = name.lastIndexOf(PART_MARK); cut > 0; cut = name.lastIndexOf(PART_MARK, cut - 1))
    names.push(name.slice(0, cut));
  return names;
}

/** @param steps in the order in which they were taken, without those undone
 *  @returns the state, and for each step that no longer fits those before it why; such a step changes nothing */
export function foldRegrouping(steps: readonly RegroupingStep[]): {
  regrouping: Regrouping;
  misfits: Map<number, string>;
} {
  const mergedInto = new Map<string, string>();
  const splitBy = new Map<string, SplitCriterion>();
  const regrouping = regroupingOf(mergedInto, splitBy);
  const misfits = new Map<number, string>();
  for (const [index, step] of steps.entries()) {
    const misfit = misfitOf(step, regrouping, mergedInto);
    if (misfit !== null) misfits.set(index, misfit);
    else if (step.kind === "merge") for (const group of step.groups) mergedInto.set(group, step.into);
    else if (step.kind === "separate") for (const group of step.groups) mergedInto.delete(group);
    else splitBy.set(step.group, step.by);
  }
  return { regrouping, misfits };
}

const PART_MARK = "~";
const PART_DIGITS = 12;

function partName(criterion: SplitCriterion, value: string): string {
  return `${criterion}.${hashHex(value).slice(0, PART_DIGITS)}`;
}

/** `service.1f0e…` of a name that has such a part. */
function partIn(name: string, criterion: SplitCriterion): string | null {
  const parts = name.split(PART_MARK).slice(1);
  return parts.find((part) => part.startsWith(`${criterion}.`)) ?? null;
}

function regroupingOf(
  mergedInto: ReadonlyMap<string, string>,
  splitBy: ReadonlyMap<string, SplitCriterion>,
): Regrouping {
  /** Follows merges and splits from a fingerprint on. Merges only ever lead from one open group to another, so the way has no circle. */
  const follow = (fingerprint: string, partOf: (criterion: SplitCriterion) => string | null): Placement => {
    let group = fingerprint;
    let member = fingerprint;
    for (;;) {
      const into = mergedInto.get(group);
      if (into !== undefined) {
        group = into;
        continue;
      }
      const criterion = splitBy.get(group);
      const part = criterion === undefined ? null : partOf(criterion);
      if (criterion === undefined || part === null) return { member, group };
      group = `${group}${PART_MARK}${part}`;
      if (partIn(member, criterion) === null) member = `${member}${PART_MARK}${part}`;
    }
  };
  return {
    place: (fingerprint, valueUnder) => {
      if (mergedInto.size === 0 && splitBy.size === 0) return { member: fingerprint, group: fingerprint };
      return follow(fingerprint, (criterion) => partName(criterion, valueUnder(criterion)));
    },
    groupOf: (member) => {
      const [fingerprint = member] = member.split(PART_MARK, 1);
      return follow(fingerprint, (criterion) => partIn(member, criterion)).group;
    },
    splitOf: (group) => splitBy.get(group) ?? null,
    isOpen: (group) => {
      if (mergedInto.has(group) || splitBy.has(group)) return false;
      const [, whole] = lineageOf(group);
      if (whole === undefined) return true;
      const criterion = splitBy.get(whole);
      return criterion !== undefined && group.startsWith(`${whole}${PART_MARK}${criterion}.`);
    },
  };
}

function misfitOf(
  step: RegroupingStep,
  regrouping: Regrouping,
  mergedInto: ReadonlyMap<string, string>,
): string | null {
  if (step.kind === "separate") {
    const stranger = step.groups.find(
      (group) => !mergedInto.has(group) || regrouping.groupOf(group) !== step.from || group === step.from,
    );
    return stranger === undefined ? null : `${stranger} is not merged into ${step.from}`;
  }
  const groups = step.kind === "merge" ? [step.into, ...step.groups] : [step.group];
  const closed = groups.find((group) => !regrouping.isOpen(group));
  if (closed !== undefined) return whyClosed(closed, regrouping, mergedInto);
  if (step.kind === "merge")
    return new Set(groups).size === groups.length ? null : "a group cannot be merged with itself";
  return partIn(step.group, step.by) === null ? null : `${step.group} is already a part by ${step.by}`;
}

function whyClosed(group: string, regrouping: Regrouping, mergedInto: ReadonlyMap<string, string>): string {
  const criterion = regrouping.splitOf(group);
  if (mergedInto.has(group)) return `${group} is merged into ${mergedInto.get(group)}`;
  if (criterion !== null) return `${group} is split by ${criterion}: name one of its parts`;
  return `${group} is a part of a group that is not split`;
}
