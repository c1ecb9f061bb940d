import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadLabelledErrors } from "../../../datasets/errors/labelled-error.ts";

const fileOf = (name: string): string => fileURLToPath(new URL(`../../../datasets/errors/${name}`, import.meta.url));

describe("provoked.jsonl", () => {
  it("names no folder of the machine on which it was recorded", async () => {
    for (const row of await loadLabelledErrors(fileOf("provoked.jsonl"))) {
      expect(`${row.message} ${row.stacktrace}`, row.id).not.toMatch(/\/(?:work|home)\/|\/tmp\/faultlab/);
    }
  });

  it("shares no family with faultlab.jsonl", async () => {
    const faultlab = new Set((await loadLabelledErrors(fileOf("faultlab.jsonl"))).map((row) => row.family));
    const provoked = await loadLabelledErrors(fileOf("provoked.jsonl"));
    expect(provoked.length).toBeGreaterThan(1000);
    expect(provoked.filter((row) => faultlab.has(row.family))).toEqual([]);
  });
});
