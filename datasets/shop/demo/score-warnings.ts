/** Was each failure warned of before it began, and how often was there a warning for nothing? Pure; input are Harbinger's own answers as
 *  they were given live, and its own windows.
 *
 *  - a *warning* is an answer whose probability at the primary horizon H reaches the threshold, given while the service was not failing;
 *  - warnings in consecutive windows are one *alarm*; it is false when no onset came within H of any of its warnings, and undecided
 *    (not counted) when the watch ended before that could be seen;
 *  - an onset counts as *warned of* when a warning was in hand before its first failed window began, about a moment at most H before;
 *    the lead runs from when the first warning of that alarm was in hand to that window's start. */

export interface LiveAnswer {
  /** end of the newest window that the answer knew */
  atMs: number;
  /** when the answer was in hand, same clock as the windows */
  madeAtMs: number;
  /** at the primary horizon */
  probability: number;
  failingNow: boolean | null;
}

export interface WatchedWindow {
  startMs: number;
  failed: boolean | null;
  onset: boolean;
}

export interface WatchedService {
  service: string;
  answers: readonly LiveAnswer[];
  windows: readonly WatchedWindow[];
}

export interface ScoreOptions {
  threshold: number;
  horizonMs: number;
  windowSizeMs: number;
  /** onsets and alarms in [fromMs, toMs) are scored */
  fromMs: number;
  toMs: number;
}

export interface ScoredOnset {
  service: string;
  startMs: number;
  warned: boolean;
  leadMs: number | null;
}

export interface FalseAlarm {
  service: string;
  /** first and last window end that it was about */
  fromMs: number;
  toMs: number;
  /** highest */
  probability: number;
}

export interface WarningScore {
  onsets: ScoredOnset[];
  warnedCount: number;
  medianLeadMs: number | null;
  /** from a window's end to the answer that knows it */
  medianAnswerDelayMs: number | null;
  alarmCount: number;
  falseAlarms: FalseAlarm[];
  undecidedAlarmCount: number;
  /** windows in which a service was healthy, as minutes */
  healthyMinutes: number;
  falseAlarmsPerTenHealthyMinutes: number | null;
}

export function scoreWarnings(services: readonly WatchedService[], options: ScoreOptions): WarningScore {
  const { horizonMs, windowSizeMs, fromMs, toMs } = options;
  const onsets = services.flatMap((service) => scoreOnsets(service, options));
  const alarms = services.flatMap((service) => alarmsOf(service, options));
  const judged = alarms.map((alarm) => {
    const windows = services.find(({ service }) => service === alarm.service)?.windows ?? [];
    const isTrue = windows.some(
      ({ onset, startMs }) => onset && startMs >= alarm.fromMs && startMs < alarm.toMs + horizonMs,
    );
    return { alarm, isTrue, isDecided: isTrue || alarm.toMs + horizonMs <= toMs };
  });
  const falseAlarms = judged
    .filter(({ isTrue, isDecided }) => isDecided && !isTrue)
    .map(({ alarm: { warnings: _, ...alarm } }) => alarm);
  const healthyCount = services
    .flatMap(({ windows }) => windows)
    .filter(({ startMs, failed }) => failed === false && startMs >= fromMs && startMs < toMs).length;
  const healthyMinutes = (healthyCount * windowSizeMs) / 60_000;
  return {
    onsets,
    warnedCount: onsets.filter(({ warned }) => warned).length,
    medianLeadMs: median(onsets.flatMap(({ leadMs }) => (leadMs === null ? [] : [leadMs]))),
    medianAnswerDelayMs: median(
      services.flatMap(({ answers }) => answers.map(({ atMs, madeAtMs }) => madeAtMs - atMs)),
    ),
    alarmCount: alarms.length,
    falseAlarms,
    undecidedAlarmCount: judged.filter(({ isDecided }) => !isDecided).length,
    healthyMinutes,
    falseAlarmsPerTenHealthyMinutes: healthyMinutes === 0 ? null : (falseAlarms.length / healthyMinutes) * 10,
  };
}

function scoreOnsets(watched: WatchedService, options: ScoreOptions): ScoredOnset[] {
  const { horizonMs, fromMs, toMs } = options;
  const alarms = alarmsOf(watched, options);
  return watched.windows
    .filter(({ onset, startMs }) => onset && startMs >= fromMs && startMs < toMs)
    .map(({ startMs }) => {
      const isTimely = ({ atMs, madeAtMs }: Warning) => madeAtMs < startMs && atMs > startMs - horizonMs;
      const alarm = alarms.find(({ warnings }) => warnings.some(isTimely));
      const first = alarm?.warnings[0];
      const leadMs = first === undefined ? null : startMs - first.madeAtMs;
      return { service: watched.service, startMs, warned: first !== undefined, leadMs };
    });
}

type Warning = Pick<LiveAnswer, "atMs" | "madeAtMs">;

interface Alarm extends FalseAlarm {
  /** ascending, not empty */
  warnings: Warning[];
}

/** Alarms that began in the watched time; what went on before it is not looked at. */
function alarmsOf({ service, answers }: WatchedService, options: ScoreOptions): Alarm[] {
  const { windowSizeMs, fromMs, toMs } = options;
  const alarms: Alarm[] = [];
  const warnings = answers
    .filter((answer) => isWarning(answer, options) && answer.atMs >= fromMs && answer.atMs < toMs)
    .sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, madeAtMs, probability } of warnings) {
    const last = alarms.at(-1);
    if (last !== undefined && atMs - last.toMs <= windowSizeMs) {
      last.toMs = atMs;
      last.probability = Math.max(last.probability, probability);
      last.warnings.push({ atMs, madeAtMs });
    } else alarms.push({ service, fromMs: atMs, toMs: atMs, probability, warnings: [{ atMs, madeAtMs }] });
  }
  return alarms;
}

function isWarning({ probability, failingNow }: LiveAnswer, { threshold }: ScoreOptions): boolean {
  return probability >= threshold && failingNow !== true;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
