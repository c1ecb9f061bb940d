import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRecord } from "../../../training/evaluate/find-record.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "harbinger-records-"));
  await mkdir(join(folder, "outages"));
  for (const name of ["outages/a.avt", "b.csv"]) await writeFile(join(folder, name), "");
});

afterAll(() => rm(folder, { recursive: true }));

describe("a record that is named on the command line", () => {
  it.each([
    ["a.avt", "outages/a.avt"],
    ["outages/a.avt", "outages/a.avt"],
    ["b.csv", "b.csv"],
  ])("%s is found below the folder of public data", (typed, place) => {
    expect(findRecord(typed, folder, ["outages"])).toBe(join(folder, place));
  });

  it("is taken as it stands where it is a path", () => {
    expect(findRecord(join(folder, "b.csv"), "elsewhere", [])).toBe(join(folder, "b.csv"));
  });

  it("is asked for by every place when it is nowhere", () => {
    expect(() => findRecord("c.avt", folder, ["outages"])).toThrow(
      new RangeError(`there is no c.avt, nor ${join(folder, "c.avt")}, nor ${join(folder, "outages/c.avt")}`),
    );
  });
});
