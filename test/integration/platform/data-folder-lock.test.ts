import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../services/platform/clock.ts";
import { lockDataFolder, processStart } from "../../../services/platform/database/data-folder-lock.ts";

describe("the lock of a data folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "harbinger-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const leaveLock = (owner: object) => writeFileSync(join(folder, "lock"), JSON.stringify({ nonce: "n", ...owner }));

  test("is had by one at a time, and free again after its release", async () => {
    const first = await lockDataFolder(folder, systemClock);
    await expect(lockDataFolder(folder, systemClock)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { pid: process.pid },
    });
    first.release();
    expect(existsSync(join(folder, "lock"))).toBe(false);
    const second = await lockDataFolder(folder, systemClock);
    expect(second.isHeld()).toBe(true);
  });

  test("is taken over from a process that is dead", async () => {
    const { pid } = spawnSync("true");
    leaveLock({ pid, startedAt: "12345" });
    expect((await lockDataFolder(folder, systemClock)).isHeld()).toBe(true);
  });

  test("is taken over when the owner's pid belongs to another process by now", async () => {
    leaveLock({ pid: process.pid, startedAt: "1" });
    expect(processStart(process.pid)).not.toBe("1");
    expect((await lockDataFolder(folder, systemClock)).isHeld()).toBe(true);
  });

  test("goes to exactly one of many who find it dead at the same moment", async () => {
    leaveLock({ pid: spawnSync("true").pid, startedAt: "12345" });
    const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => lockDataFolder(folder, systemClock)));
    expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("survives a takeover that was cut off in the middle", async () => {
    leaveLock({ pid: spawnSync("true").pid, startedAt: "12345" });
    writeFileSync(join(folder, "lock.takeover"), "");
    const later = { now: () => systemClock.now() + 60_000 };
    expect((await lockDataFolder(folder, later)).isHeld()).toBe(true);
  });

  test("a file that is no lock of ours is replaced", async () => {
    writeFileSync(join(folder, "lock"), "not json");
    expect((await lockDataFolder(folder, systemClock)).isHeld()).toBe(true);
  });

  test("releasing it late does not take it from its next owner", async () => {
    const first = await lockDataFolder(folder, systemClock);
    rmSync(join(folder, "lock"));
    const second = await lockDataFolder(folder, systemClock);
    expect(first.isHeld()).toBe(false);
    first.release();
    expect(second.isHeld()).toBe(true);
  });
});
