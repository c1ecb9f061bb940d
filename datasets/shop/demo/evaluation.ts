/** `--evaluate`: skill per kind of fault over unseen episodes, against what the shop's on-call would ask for before trusting a warning. */
import { FAULT_KINDS, type FaultKind } from "../fault-schedule.ts";
import { faultOf, type HappenedEpisode } from "./happened-episode.ts";
import { median, type ScoredOnset, type WarningScore } from "./score-warnings.ts";

/** Kinds that can be seen coming: something fills up or slows down before requests fail. */
const BUILDING_UP: readonly FaultKind[] = ["pool_leak", "slowdown", "memory_growth"];

export const WANTED = { episodes: 20, warnedRatio: 0.8, leadWindows: 3, falseAlarmsPerTenMinutes: 1 } as const;

export interface KindSkill {
  kind: FaultKind | "building up" | "unexplained";
  episodes: number;
  /** without those that only resume a failure */
  onsets: number;
  warned: number;
  resumed: number;
  /** of the service that has the fault itself; the others only suffer from it */
  ownOnsets: number;
  ownWarned: number;
  medianLeadMs: number | null;
}

export interface Target {
  sentence: string;
  met: boolean;
}

export interface Evaluation {
  kinds: KindSkill[];
  targets: Target[];
}

export function evaluateWarnings(
  score: WarningScore,
  episodes: readonly HappenedEpisode[],
  windowSizeMs: number,
): Evaluation {
  const onsets = score.onsets.map((onset) => ({ onset, fault: faultOf(onset, episodes) }));
  const skillOf = (kind: KindSkill["kind"], includes: (fault: FaultKind | null) => boolean): KindSkill => {
    const own = episodes.filter((episode) => includes(episode.kind));
    const all = onsets.filter(({ fault }) => includes(fault)).map(({ onset }) => onset);
    const seen = all.filter(({ resumed }) => !resumed);
    const atTheRoot = seen.filter((onset) => isOwn(onset, own));
    return {
      kind,
      episodes: own.length,
      onsets: seen.length,
      warned: seen.filter(({ warned }) => warned).length,
      resumed: all.length - seen.length,
      ownOnsets: atTheRoot.length,
      ownWarned: atTheRoot.filter(({ warned }) => warned).length,
      medianLeadMs: median(seen.flatMap(({ leadMs }) => (leadMs === null ? [] : [leadMs]))),
    };
  };
  const building = skillOf("building up", (fault) => fault !== null && BUILDING_UP.includes(fault));
  return {
    kinds: [
      ...FAULT_KINDS.map((kind) => skillOf(kind, (fault) => fault === kind)),
      skillOf("unexplained", (fault) => fault === null),
      building,
    ],
    targets: targetsOf(building, score, windowSizeMs),
  };
}

function isOwn(onset: ScoredOnset, episodes: readonly HappenedEpisode[]): boolean {
  return episodes.some(
    (episode) => `${episode.region}/${episode.service}` === onset.service && faultOf(onset, [episode]) !== null,
  );
}

function targetsOf(building: KindSkill, score: WarningScore, windowSizeMs: number): Target[] {
  const ratio = building.warned / building.onsets;
  const leadWindows = (building.medianLeadMs ?? 0) / windowSizeMs;
  const falseRate = score.falseAlarmsPerTenHealthyMinutes;
  return [
    { sentence: `${building.episodes} unseen episodes that build up`, met: building.episodes >= WANTED.episodes },
    {
      sentence: `${building.warned} of ${building.onsets} onsets that build up were warned of (${WANTED.warnedRatio * 100} % wanted)`,
      met: ratio >= WANTED.warnedRatio,
    },
    {
      sentence: `median lead of ${leadWindows.toFixed(1)} windows (${WANTED.leadWindows} wanted)`,
      met: leadWindows >= WANTED.leadWindows,
    },
    {
      sentence: `${falseRate === null ? "no" : falseRate.toFixed(2)} false alarms per ten healthy minutes of windows (fewer than ${WANTED.falseAlarmsPerTenMinutes} wanted)`,
      met: falseRate !== null && falseRate < WANTED.falseAlarmsPerTenMinutes,
    },
  ];
}

/** @returns lines of a table, targets below it */
export function evaluationText({ kinds, targets }: Evaluation, windowSizeMs: number): string[] {
  const row = (...cells: string[]) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(16) : cell.padStart(16))).join("");
  return [
    row("fault", "episodes", "onsets", "warned of", "at the root", "median lead", "resumed"),
    ...kinds.map(({ kind, episodes, onsets, warned, ownOnsets, ownWarned, medianLeadMs, resumed }) =>
      row(
        kind,
        kind === "unexplained" ? "" : String(episodes),
        String(onsets),
        String(warned),
        kind === "unexplained" ? "" : `${ownWarned} of ${ownOnsets}`,
        medianLeadMs === null ? "-" : `${(medianLeadMs / windowSizeMs).toFixed(1)} windows`,
        String(resumed),
      ),
    ),
    "",
    ...targets.map(({ sentence, met }) => `${met ? "yes" : "NO "}  ${sentence}`),
  ];
}
