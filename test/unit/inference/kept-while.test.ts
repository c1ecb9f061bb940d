import { describe, expect, it } from "vitest";
import { createKeptWhile } from "../../../services/inference/predict/kept-while.ts";

describe("what is kept while a stamp stays", () => {
  it("is found under the same stamp, also while it is being made", async () => {
    const kept = createKeptWhile<number>(10);
    const making = Promise.resolve(1);
    kept.put("a", "s1", making);
    expect(kept.get("a", "s1")).toBe(making);
    expect(kept.get("b", "s1")).toBeUndefined();
  });

  it("is gone with the stamp, for good", () => {
    const kept = createKeptWhile<number>(10);
    kept.put("a", "s1", Promise.resolve(1));
    expect(kept.get("a", "s2")).toBeUndefined();
    kept.put("b", "s2", Promise.resolve(2));
    expect(kept.get("a", "s2")).toBeUndefined();
    expect(kept.get("b", "s1")).toBeUndefined();
  });

  it("is neither kept nor found while the stamp cannot be told", async () => {
    const kept = createKeptWhile<number>(10);
    kept.put("a", "s1", Promise.resolve(1));
    expect(kept.get("a", null)).toBeUndefined();
    kept.put("b", null, Promise.resolve(2));
    expect(kept.get("b", "s1")).toBeUndefined();
    expect(await kept.get("a", "s1")).toBe(1);
  });

  it("is made again when it could not be made", async () => {
    const kept = createKeptWhile<number>(10);
    const failing = Promise.reject<number>(new Error("the store is down"));
    kept.put("a", "s1", failing);
    await expect(failing).rejects.toThrow("down");
    expect(kept.get("a", "s1")).toBeUndefined();
  });

  it("is found no longer than its lifetime, and not when the clock was set back by more", () => {
    let nowMs = 1_000;
    const kept = createKeptWhile<number>(10, { ms: 100, now: () => nowMs });
    const value = Promise.resolve(1);
    kept.put("a", "s1", value);
    nowMs = 1_100;
    expect(kept.get("a", "s1")).toBe(value);
    nowMs = 1_101;
    expect(kept.get("a", "s1")).toBeUndefined();
    nowMs = 899;
    expect(kept.get("a", "s1")).toBeUndefined();
  });

  it("can be dropped, but not by whoever holds an older one", () => {
    const kept = createKeptWhile<number>(10);
    const [older, newer] = [Promise.resolve(1), Promise.resolve(2)];
    kept.put("a", "s1", older);
    kept.put("a", "s1", newer);
    kept.drop("a", older);
    expect(kept.get("a", "s1")).toBe(newer);
    kept.drop("a", newer);
    expect(kept.get("a", "s1")).toBeUndefined();
  });

  it("is bounded: the oldest gives way", async () => {
    const kept = createKeptWhile<number>(2);
    for (const key of ["a", "b", "c"]) kept.put(key, "s1", Promise.resolve(0));
    expect(["a", "b", "c"].map((key) => kept.get(key, "s1") !== undefined)).toEqual([false, true, true]);
  });
});
