import { describe, expect, it } from "vitest";
import { createLabelMemory, type MemoryEntry } from "../../../models/fusion/label-memory.ts";
import { createGroupMemory } from "../../../models/grouping/group-memory.ts";

const signature = { exceptionType: "E", rootType: "E", hashes: [] };
const entry = (fingerprint: string, ...classes: ("timeout" | "crash")[]): MemoryEntry => ({
  fingerprint,
  signature,
  labels: classes.map((said, index) => ({ operator: `${index}`, class: said, weight: 1, atMs: index })),
});
const recall = (entries: MemoryEntry[], group: string) =>
  createGroupMemory(createLabelMemory(entries)).recall(group, () => signature)?.class ?? null;

describe("a memory asked by group", () => {
  it("gives a part the label of the nearest whole that has one, until it has its own", () => {
    const entries = [entry("a", "timeout"), entry("a~service.1~frame.2", "crash")];
    expect(recall(entries, "a~service.1")).toBe("timeout");
    expect(recall(entries, "a~service.1~frame.3")).toBe("timeout");
    expect(recall(entries, "a~service.1~frame.2")).toBe("crash");
    expect(recall(entries, "b~service.1")).toBeNull();
  });

  it("does not hand a part's label to the whole", () => {
    expect(recall([entry("a~service.1", "crash")], "a")).toBeNull();
  });
});
