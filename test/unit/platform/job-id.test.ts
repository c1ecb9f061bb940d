import { expect, test } from "vitest";
import { newUuid } from "../../../services/platform/clock.ts";
import { addedAtMs, newJobId } from "../../../services/platform/queue/job-id.ts";

test("a job's id tells when the job was added, and an id of somebody else tells nothing", () => {
  for (const nowMs of [Date.UTC(2001, 9, 9), Date.UTC(2026, 0, 1), Date.UTC(2200, 0, 1)]) {
    expect(addedAtMs(newJobId({ now: () => nowMs }, newUuid))).toBe(nowMs);
  }
  for (const id of ["job-a", "repeat:nightly:1700000000000", newUuid(), "12345678-abc"])
    expect(addedAtMs(id)).toBeNull();
});
