import { describe, expect, it } from "vitest";
import { createPace } from "../../../datasets/replay/times/pace.ts";

/** A pace on a clock that only sleeping moves. */
function paced(speed: number, originMs?: number) {
  let nowMs = 1_000_000;
  const waits: number[] = [];
  const pace = createPace({
    speed,
    ...(originMs !== undefined && { originMs }),
    now: () => nowMs,
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  });
  return {
    pace,
    waits,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("the pace of a replay", () => {
  it("waits between events as long as the recording did, divided by the speed", async () => {
    const { pace, waits } = paced(10);
    for (const eventMs of [50_000, 51_000, 53_000]) await pace(eventMs);
    expect(waits).toEqual([100, 200]);
  });

  it("makes up for time that sending took, and does not wait when it is late", async () => {
    const { pace, waits, pass } = paced(1);
    await pace(50_000);
    pass(700);
    await pace(51_000);
    pass(5_000);
    await pace(52_000);
    await pace(57_000);
    expect(waits).toEqual([300, 1_000]);
  });

  it("counts from the start of the recordings when it is known", async () => {
    const { pace, waits } = paced(2, 40_000);
    await pace(50_000);
    expect(waits).toEqual([5_000]);
  });

  it("waits for nothing at full speed, for what has no time, and for what comes out of order", async () => {
    const { pace, waits } = paced(Infinity);
    for (const eventMs of [1, 1_000_000]) await pace(eventMs);
    const slow = paced(1);
    await slow.pace(null);
    await slow.pace(10_000);
    await slow.pace(5_000);
    expect([...waits, ...slow.waits]).toEqual([]);
  });
});
