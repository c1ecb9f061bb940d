import { describe, expect, it } from "vitest";
import { type LiveAnswer, scoreWarnings, type WatchedWindow } from "../../../datasets/shop/demo/score-warnings.ts";

const SECOND = 1_000;
const options = { threshold: 0.5, horizonMs: 10 * SECOND, windowSizeMs: SECOND, fromMs: 0, toMs: 100 * SECOND };

/** one window a second, failed from `failedFrom` on, for `count` windows */
function history(count: number, failedFrom = Number.POSITIVE_INFINITY): WatchedWindow[] {
  return Array.from({ length: count }, (_, second) => ({
    startMs: second * SECOND,
    failed: second >= failedFrom,
    onset: second === failedFrom,
  }));
}

/** one answer per window end, in hand 300 ms later */
function answers(probabilities: Record<number, number>, failingFrom = Number.POSITIVE_INFINITY): LiveAnswer[] {
  return Object.entries(probabilities).map(([second, probability]) => ({
    atMs: Number(second) * SECOND,
    madeAtMs: Number(second) * SECOND + 300,
    probability,
    failingNow: Number(second) > failingFrom,
  }));
}

describe("scoring warnings", () => {
  it("counts an onset as warned of, from the first warning within its horizon", () => {
    const watched = {
      service: "web",
      windows: history(60, 30),
      answers: answers({ 5: 0.9, 18: 0.6, 19: 0.7, 20: 0.6, 21: 0.6, 22: 0.2 }),
    };
    const score = scoreWarnings([watched], options);
    // what was said at 18 to 20 s was about the ten seconds before 30 s
    expect(score.onsets).toEqual([{ service: "web", startMs: 30_000, warned: true, leadMs: 8_700, resumed: false }]);
    expect(score.medianLeadMs).toBe(8_700);
    expect(score.medianAnswerDelayMs).toBe(300);
    expect(score.falseAlarms.map(({ fromMs }) => fromMs)).toEqual([5_000]);
  });

  it("does not count an alarm that ended before the horizon began", () => {
    const watched = { service: "web", windows: history(60, 30), answers: answers({ 18: 0.6, 19: 0.7, 20: 0.6 }) };
    expect(scoreWarnings([watched], options).warnedCount).toBe(0);
  });

  it("does not count a warning that was in hand only after the failure had begun", () => {
    const late = [{ atMs: 29_000, madeAtMs: 30_100, probability: 0.9, failingNow: false }];
    const score = scoreWarnings([{ service: "web", windows: history(60, 30), answers: late }], options);
    expect(score.warnedCount).toBe(0);
    expect(score.onsets[0]?.leadMs).toBeNull();
  });

  it("knows an onset that resumes a failure which paused for three windows, and not one after four", () => {
    const resumedAfter = (pause: number) => {
      const again = 30 + 1 + pause;
      const windows = history(60).map((window, second) => ({
        ...window,
        ...{ failed: second === 30 || second >= again, onset: second === 30 || second === again },
      }));
      return scoreWarnings([{ service: "web", windows, answers: [] }], options).onsets.map(({ resumed }) => resumed);
    };
    expect(resumedAfter(1)).toEqual([false, true]);
    expect(resumedAfter(3)).toEqual([false, true]);
    expect(resumedAfter(4)).toEqual([false, false]);
  });

  it("does not decide about an alarm whose time has a window of which nothing is known", () => {
    const windows = history(60).map((window, second) => ({ ...window, failed: second === 18 ? null : false }));
    const score = scoreWarnings([{ service: "web", windows, answers: answers({ 10: 0.6, 40: 0.6 }) }], options);
    expect(score.falseAlarms.map(({ fromMs }) => fromMs)).toEqual([40_000]);
    expect(score.undecidedAlarmCount).toBe(1);
  });

  it("goes on with an alarm over three windows of which no answer was fetched, and not over four", () => {
    const alarmsOver = (gap: number) => {
      const watched = { service: "web", windows: history(60), answers: answers({ 10: 0.6, [11 + gap]: 0.6 }) };
      return scoreWarnings([watched], options).alarmCount;
    };
    expect(alarmsOver(3)).toBe(1);
    expect(alarmsOver(4)).toBe(2);
  });

  it("does not take an answer about a failing service for a warning", () => {
    const during = answers({ 32: 0.9, 33: 0.9 }, 30);
    const score = scoreWarnings([{ service: "web", windows: history(60, 30), answers: during }], options);
    expect(score.alarmCount).toBe(0);
  });

  it("makes one alarm of consecutive warnings, false when nothing follows within the horizon", () => {
    const watched = { service: "web", windows: history(60), answers: answers({ 10: 0.6, 11: 0.7, 12: 0.6, 20: 0.9 }) };
    const score = scoreWarnings([watched], options);
    expect(score.alarmCount).toBe(2);
    expect(score.falseAlarms).toEqual([
      { service: "web", fromMs: 10_000, toMs: 12_000, lastWarningMs: 12_000, probability: 0.7 },
      { service: "web", fromMs: 20_000, toMs: 20_000, lastWarningMs: 20_000, probability: 0.9 },
    ]);
    expect(score.healthyMinutes).toBe(1);
    expect(score.falseAlarmsPerTenHealthyMinutes).toBe(20);
  });

  it("goes on with an alarm while the risk stays above half the threshold, but takes only warnings at their word", () => {
    const wavering = answers({ 10: 0.6, 11: 0.3, 12: 0.55, 13: 0.3, 14: 0.3, 15: 0.2, 16: 0.6 });
    const score = scoreWarnings([{ service: "web", windows: history(60), answers: wavering }], options);
    expect(score.falseAlarms.map(({ fromMs, toMs, lastWarningMs }) => [fromMs, toMs, lastWarningMs])).toEqual([
      [10_000, 14_000, 12_000],
      [16_000, 16_000, 16_000],
    ]);
    const failing = scoreWarnings([{ service: "web", windows: history(60, 23), answers: wavering }], options);
    // 16 s warns of 23 s; 12 s does not
    expect(failing.falseAlarms.map(({ fromMs }) => fromMs)).toEqual([10_000]);
  });

  it("leaves an alarm undecided when the watch ended before its horizon", () => {
    const watched = { service: "web", windows: history(60), answers: answers({ 55: 0.9 }) };
    const score = scoreWarnings([watched], { ...options, toMs: 60_000 });
    expect(score.falseAlarms).toEqual([]);
    expect(score.undecidedAlarmCount).toBe(1);
  });

  it("keeps services apart and has no median without a lead", () => {
    const score = scoreWarnings(
      [
        { service: "web", windows: history(60, 30), answers: [] },
        { service: "payment", windows: history(60), answers: answers({ 25: 0.9 }) },
      ],
      options,
    );
    expect(score.warnedCount).toBe(0);
    expect(score.falseAlarms.map(({ service }) => service)).toEqual(["payment"]);
    expect(score.medianLeadMs).toBeNull();
  });
});
