import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNewer, versionParts } from "../../../models/features/version-parts.ts";

describe("the numbers of a version", () => {
  it.each([
    ["1.2.3", [1, 2, 3, 0]],
    ["v2.10.3-rc.1", [2, 10, 3, 0]],
    ["4.0.30319.42000", [4, 0, 30319, 42000]],
    ["7", [7, 0, 0, 0]],
    ["2026.11+build.5", [2026, 11, 0, 0]],
  ])("%s has %j", (version, parts) => {
    expect(versionParts(version)).toEqual(parts);
  });

  it.each(["", "latest", "3f9ac1d", "release-2", "1x"])("%j has none", (version) => {
    expect(versionParts(version)).toBeNull();
  });

  it("reads any text in bounded numbers", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const number of versionParts(text) ?? []) expect(Number.isSafeInteger(number)).toBe(true);
      }),
    );
  });

  it("orders by the first number that differs", () => {
    expect(isNewer([1, 10, 0, 0], [1, 9, 9, 9])).toBe(true);
    expect(isNewer([1, 9, 9, 9], [1, 10, 0, 0])).toBe(false);
    expect(isNewer([1, 2, 3, 4], [1, 2, 3, 4])).toBe(false);
  });
});
