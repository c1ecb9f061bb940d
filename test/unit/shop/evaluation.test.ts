import { describe, expect, it } from "vitest";
import { evaluateWarnings, evaluationText } from "../../../datasets/shop/demo/evaluation.ts";
import type { HappenedEpisode } from "../../../datasets/shop/demo/happened-episode.ts";
import type { WarningScore } from "../../../datasets/shop/demo/score-warnings.ts";

const episode = (
  kind: HappenedEpisode["kind"],
  service: HappenedEpisode["service"],
  startMs: number,
): HappenedEpisode => ({
  ...{ region: "eu", kind, service, startMs, buildUpMs: 10_000, holdMs: 4_000, endMs: startMs + 14_000 },
  scheduleStartedAtMs: 1_000_000,
});
const episodes = [episode("pool_leak", "inventory", 0), episode("kill", "payment", 100_000)];
const onset = (service: string, startMs: number, leadMs: number | null, resumed = false) => ({
  ...{ service, startMs: 1_000_000 + startMs, warned: leadMs !== null, leadMs, resumed },
});
const score: WarningScore = {
  onsets: [
    onset("eu/inventory", 9_000, 5_000),
    onset("eu/web", 10_000, null),
    onset("eu/web", 12_000, null, true),
    onset("eu/checkout", 101_000, null),
    onset("us/web", 60_000, 2_000),
  ],
  ...{ warnedCount: 2, medianLeadMs: 3_500, medianAnswerDelayMs: 500, alarmCount: 3, falseAlarms: [] },
  ...{ undecidedAlarmCount: 0, healthyMinutes: 20, falseAlarmsPerTenHealthyMinutes: 0.5 },
};

describe("the table of skill", () => {
  const evaluation = evaluateWarnings(score, episodes, 1_000);

  it("counts onsets under the fault that caused them, and apart those of the service that has it", () => {
    const byKind = Object.fromEntries(evaluation.kinds.map(({ kind, ...skill }) => [kind, skill]));
    expect(byKind.pool_leak).toEqual({
      ...{ episodes: 1, onsets: 2, warned: 1, ownOnsets: 1, ownWarned: 1, medianLeadMs: 5_000, resumed: 1 },
    });
    expect(byKind.kill).toMatchObject({ episodes: 1, onsets: 1, warned: 0, ownOnsets: 0 });
    expect(byKind.unexplained).toMatchObject({ onsets: 1, warned: 1 });
    expect(byKind["building up"]).toMatchObject({ episodes: 1, onsets: 2, warned: 1, resumed: 1 });
  });

  it("says of each target whether it is met", () => {
    expect(evaluation.targets.map(({ met }) => met)).toEqual([false, false, true, true]);
  });

  it("prints a row per kind and a line per target", () => {
    const lines = evaluationText(evaluation, 1_000);
    expect(lines.find((line) => line.startsWith("pool_leak"))).toMatch(/1 +2 +1 +1 of 1 +5\.0 windows +1$/);
    expect(lines.filter((line) => /^(?:yes|NO ) {2}/.test(line))).toHaveLength(4);
  });
});
