import { expect, test } from "vitest";
import { type Answer, pointsOf } from "../../../training/operating-points.ts";

const WINDOW_MS = 60_000;
const WATCH = { horizonWindows: 3, windowSizeMs: WINDOW_MS, everyWindows: 1 };

/** One service, window after window from `from`; an onset stands at `onset` when it is given. */
function answersOf(probabilities: number[], { onset = Number.NaN, service = 1, from = 0, horizon = 3 } = {}): Answer[] {
  return probabilities.map((probability, index) => {
    const windowsToOnset = onset - (from + index);
    return { service, window: from + index, windowsToOnset, cameTrue: windowsToOnset <= horizon, probability };
  });
}

const at = (threshold: number, answers: Answer[]) =>
  pointsOf(answers, WATCH).find((point) => point.threshold === threshold);

test("an alarm that nothing follows is false, one that a failure follows within the horizon is not", () => {
  const quiet = answersOf([0.1, 0.6, 0.7, 0.1]);
  const rising = answersOf([0.1, 0.1, 0.6, 0.8], { service: 2, onset: 4 });
  expect(at(0.5, [...quiet, ...rising])).toMatchObject({ alarms: 2, falseAlarms: 1, onsets: 1, warned: 1 });
});

test("an alarm goes on while half the threshold is kept, and ends below it or when a window is missing", () => {
  expect(at(0.5, answersOf([0.6, 0.3, 0.6, 0.3, 0.6]))?.alarms).toBe(1);
  expect(at(0.5, answersOf([0.6, 0.2, 0.6, 0.2, 0.6]))?.alarms).toBe(3);
  expect(at(0.5, [...answersOf([0.6]), ...answersOf([0.6], { from: 2 })])?.alarms).toBe(2);
  expect(at(0.5, [...answersOf([0.6]), ...answersOf([0.6], { from: 1, service: 2 })])?.alarms).toBe(2);
});

test("the lead runs from the first warning within the horizon to the window before the onset", () => {
  const early = answersOf([0.9, 0.9, 0.9, 0.9, 0.9], { onset: 5 });
  expect(at(0.5, early)).toMatchObject({ warned: 1, medianLeadMs: 2 * WINDOW_MS });
  expect(at(0.95, early)).toMatchObject({ onsets: 1, warned: 0, medianLeadMs: null });
});

test("false alarms are told per day of a healthy service", () => {
  const day = answersOf(Array.from({ length: 1_440 }, (_, index) => (index % 720 === 0 ? 0.9 : 0.01)));
  expect(at(0.9, day)?.falseAlarmsPerServiceDay).toBeCloseTo(2, 10);
});

test("an alarm goes on from one answer to the next where only every second window was asked about", () => {
  const answers = answersOf([0.6, 0.1, 0.3, 0.1, 0.6, 0.1, 0.1, 0.1, 0.6]).filter(({ window }) => window % 2 === 0);
  const point = pointsOf(answers, { ...WATCH, everyWindows: 2 }).find(({ threshold }) => threshold === 0.5);
  expect(point?.alarms).toBe(2);
  expect(point?.falseAlarmsPerServiceDay).toBeCloseTo(2 / (10 / 1_440), 10);
});

test("a higher threshold never raises more warnings", () => {
  const answers = answersOf([0.03, 0.12, 0.33, 0.52, 0.91, 0.4], { onset: 6 });
  const points = pointsOf(answers, WATCH);
  const thresholds = points.map(({ threshold }) => threshold);
  expect(thresholds).toEqual([...thresholds].sort((a, b) => a - b));
  const warned = points.map((point) => point.warned);
  expect(warned).toEqual([...warned].sort((a, b) => b - a));
});
