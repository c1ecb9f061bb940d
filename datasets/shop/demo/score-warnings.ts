/** Was each failure warned of before it began, and how often was there a warning for nothing? Pure; input are Harbinger's own answers as
 *  they were given live, and its own windows.
 *
 *  - a *warning* is an answer whose probability at the horizon H reaches the threshold, given while the service was not failing;
 *  - an *alarm* begins with a warning and lasts as long as one window after the other has at least half the threshold, as alerting
 *    with hysteresis does, and an answer or three that nobody fetched do not end it; it is false when no onset came within H of any of
 *    its warnings, and undecided (not counted) when that could not be seen: the watch ended before, or too few requests came to tell a
 *    failed window from a healthy one;
 *  - an onset counts as *warned of* when a warning was in hand before its first failed window began, about a moment at most H before;
 *    the lead runs from when the first such warning was in hand to that window's start, so it is never longer than H;
 *  - an onset soon after the last failed window *resumes* the failure that paused: what one would be warned of is known already. */

export interface LiveAnswer {
  /** end of the newest window that the answer knew */
  atMs: number;
  /** when the answer was in hand, same clock as the windows */
  madeAtMs: number;
  /** at the horizon H */
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
  /** a failure that paused goes on */
  resumed: boolean;
}

export interface Alarm {
  service: string;
  /** first and last window end that it was about */
  fromMs: number;
  toMs: number;
  lastWarningMs: number;
  /** highest */
  probability: number;
}

export interface WarningScore {
  /** all, resumed ones too */
  onsets: ScoredOnset[];
  warnedCount: number;
  medianLeadMs: number | null;
  /** from a window's end to the answer that knows it */
  medianAnswerDelayMs: number | null;
  alarmCount: number;
  falseAlarms: Alarm[];
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
      ({ onset, startMs }) => onset && startMs >= alarm.fromMs && startMs < alarm.lastWarningMs + horizonMs,
    );
    const untilMs = alarm.lastWarningMs + horizonMs;
    const isSeen =
      untilMs <= toMs &&
      !windows.some(({ failed, startMs }) => failed === null && startMs >= alarm.fromMs && startMs < untilMs);
    return { alarm, isTrue, isDecided: isTrue || isSeen };
  });
  const falseAlarms = judged.filter(({ isTrue, isDecided }) => isDecided && !isTrue).map(({ alarm }) => alarm);
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

/** A failure that pauses for up to so many windows is one: answers are two windows late, so none could be a warning of what follows. As many
 *  windows without an answer are a gap in what was asked, not an all-clear. */
const PAUSE_WINDOWS = 3;

function scoreOnsets({ service, answers, windows }: WatchedService, options: ScoreOptions): ScoredOnset[] {
  const { horizonMs, windowSizeMs, fromMs, toMs } = options;
  const failedStarts = windows.filter(({ failed }) => failed === true).map(({ startMs }) => startMs);
  const resumes = (startMs: number) =>
    failedStarts.some((failedMs) => failedMs < startMs && failedMs + (PAUSE_WINDOWS + 1) * windowSizeMs >= startMs);
  const warnings = answers.filter((answer) => isWarning(answer, options)).sort((a, b) => a.atMs - b.atMs);
  return windows
    .filter(({ onset, startMs }) => onset && startMs >= fromMs && startMs < toMs)
    .map(({ startMs }) => {
      const first = warnings.find(({ atMs, madeAtMs }) => madeAtMs < startMs && atMs > startMs - horizonMs);
      const leadMs = first === undefined ? null : startMs - first.madeAtMs;
      return { service, startMs, warned: first !== undefined, leadMs, resumed: resumes(startMs) };
    });
}

/** Alarms that began in the watched time; what went on before it is not looked at. */
function alarmsOf({ service, answers }: WatchedService, options: ScoreOptions): Alarm[] {
  const { windowSizeMs, threshold, fromMs, toMs } = options;
  const alarms: Alarm[] = [];
  let current: Alarm | null = null;
  const watched = answers.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).sort((a, b) => a.atMs - b.atMs);
  for (const answer of watched) {
    const { atMs, probability, failingNow } = answer;
    const goesOn = failingNow !== true && probability >= threshold / 2;
    if (current !== null && (!goesOn || atMs - current.toMs > (PAUSE_WINDOWS + 1) * windowSizeMs)) current = null;
    if (isWarning(answer, options)) {
      if (current === null) {
        current = { service, fromMs: atMs, toMs: atMs, lastWarningMs: atMs, probability };
        alarms.push(current);
      }
      current.lastWarningMs = atMs;
      current.probability = Math.max(current.probability, probability);
    }
    if (current !== null) current.toMs = atMs;
  }
  return alarms;
}

function isWarning({ probability, failingNow }: LiveAnswer, { threshold }: ScoreOptions): boolean {
  return probability >= threshold && failingNow !== true;
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
