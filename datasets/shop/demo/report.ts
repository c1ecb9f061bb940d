/** What `--json FILE` writes. */
import type { LoadCounts } from "../load-generator.ts";
import { evaluateWarnings } from "./evaluation.ts";
import { faultOf, type HappenedEpisode } from "./happened-episode.ts";
import type { Classification, TrainingJob } from "./harbinger-api.ts";
import type { KnownError } from "./known-errors.ts";
import type { Learned } from "./learn.ts";
import type { ScoredOnset, WarningScore } from "./score-warnings.ts";
import type { DemoSettings } from "./settings.ts";

export interface ClassificationExample {
  exception: string;
  expected: string;
  answered: string;
  probability: number;
  abstained: boolean;
}

export interface ReportInput {
  settings: DemoSettings;
  job: TrainingJob;
  learned: Learned;
  watched: { score: WarningScore; episodes: readonly HappenedEpisode[] };
  classifications: readonly { known: KnownError; answer: Classification }[];
  feedback: { exception: string; label: string; before: Classification; after: Classification };
  load: LoadCounts;
  wallMs: Record<string, number>;
}

export function buildReport(input: ReportInput): Record<string, unknown> {
  const { settings, job, learned } = input;
  const { score, episodes: watchedEpisodes } = input.watched;
  const onsets = score.onsets.map((onset) => ({ ...onset, fault: faultOf(onset, watchedEpisodes) }));
  const examples = input.classifications.map(({ known, answer }) => ({
    exception: `${known.error.exception.type}: ${known.error.exception.message}`,
    expected: known.expectedClass,
    answered: answer.class,
    probability: round(answer.probability),
    abstained: answer.abstained,
  }));
  return {
    settings: {
      seed: settings.seed,
      windowMs: settings.windowSizeMs,
      horizonsMs: settings.horizonsMs,
      primaryHorizonMs: settings.primaryHorizonMs,
      warningHorizonMs: settings.warningHorizonMs,
      threshold: settings.threshold,
      regions: settings.regions,
      requestsPerSecondAndRegion: settings.requestsPerSecond,
    },
    gate: {
      passed: job.verdict?.passed ?? false,
      state: job.state,
      reason: job.verdict?.reason ?? job.error,
      version: job.version,
      rules: job.verdict?.rules ?? [],
      metrics: job.metrics,
    },
    learning: { episodes: learned.episodeCount, onsets: learned.onsetCount },
    watching: {
      note: "episodes of seeds that were not learnt from, and services' answers to them",
      skill: evaluateWarnings(score, watchedEpisodes, settings.windowSizeMs),
      episodes: watchedEpisodes.map(({ region, service, kind, buildUpMs }) => ({ region, service, kind, buildUpMs })),
      onsetsSeen: onsets.length,
      onsetsWarned: score.warnedCount,
      medianLeadMs: score.medianLeadMs,
      medianAnswerDelayMs: score.medianAnswerDelayMs,
      building: summarise(onsets.filter(({ fault }) => fault !== "kill" && fault !== null)),
      sudden: summarise(onsets.filter(({ fault }) => fault === "kill")),
      onsets: onsets.map(({ startMs, ...onset }) => ({ ...onset, at: new Date(startMs).toISOString() })),
      alarms: score.alarmCount,
      falseAlarms: score.falseAlarms.length,
      undecidedAlarms: score.undecidedAlarmCount,
      healthyMinutes: round(score.healthyMinutes),
      falseAlarmsPerTenHealthyMinutes: score.falseAlarmsPerTenHealthyMinutes,
    },
    classification: {
      correct: examples.filter(({ expected, answered }) => expected === answered).length,
      abstained: examples.filter(({ abstained }) => abstained).length,
      total: examples.length,
      examples,
      feedback: {
        exception: input.feedback.exception,
        label: input.feedback.label,
        before: briefly(input.feedback.before),
        after: briefly(input.feedback.after),
      },
    },
    customers: input.load,
    wallMs: input.wallMs,
  };
}

function summarise(onsets: readonly ScoredOnset[]) {
  const begun = onsets.filter(({ resumed }) => !resumed);
  return {
    onsets: begun.length,
    warned: begun.filter(({ warned }) => warned).length,
    resumed: onsets.length - begun.length,
  };
}

function briefly({ class: answered, probability, abstained }: Classification) {
  return { class: answered, probability: round(probability), abstained };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
