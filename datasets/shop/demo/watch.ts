/** Fourth act: faults it was not trained on build up, and Harbinger says what it sees coming. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Episode, planEpisodes } from "../fault-schedule.ts";
import { type ConsoleView, percent, seconds } from "./console-view.ts";
import type { Prediction, ServiceKey } from "./harbinger-api.ts";
import { faultOf, type HappenedEpisode } from "./report.ts";
import { scoreWarnings, type WarningScore } from "./score-warnings.ts";
import { type DemoSettings, watchTime } from "./settings.ts";
import { catchUp, describeActive, play, type Running, type Stage } from "./stage.ts";
import { nameOf, riskOf, watchRisk } from "./watch-risk.ts";

export async function watch(
  stage: Stage,
  running: Running,
): Promise<{ score: WarningScore; episodes: HappenedEpisode[] }> {
  const { settings, view } = stage;
  const { windowSizeMs, primaryHorizonMs, threshold } = settings;
  const watchMs = watchTime(settings, performance.now() - stage.startedAtMs);
  const planned = planEpisodes({
    // another stream than any the learning phase can have for a neighbouring seed
    seed: settings.seed + 1_000_003,
    regions: settings.regions,
    durationMs: watchMs,
    healthyMs: [6_000, 9_000],
    buildUpMs: [10_000, 15_000],
    holdMs: [3_500, 5_000],
  });
  view.title(
    `Live risk within ${seconds(primaryHorizonMs)}, while ${planned.length} episodes it has never seen build up`,
  );
  view.line(`  time      ${running.services.map((service) => columnOf(service)).join(" ")}   (* warned, ! failing)`);
  const fromMs = Date.now();
  const episodes = planned.map((episode) => ({ ...episode, scheduleStartedAtMs: fromMs }));
  const active = new Set<Episode>();
  let shownWindow: string | null = null;
  let highest: Prediction | undefined;
  let explained: Prediction | undefined;
  const watching = watchRisk({
    api: running.api,
    services: running.services,
    primaryHorizonMs,
    windowSizeMs,
    async onAnswers(predictions) {
      const windowEnd = predictions[0]?.asOf.windowEnd ?? null;
      if (windowEnd === null || windowEnd === shownWindow) return;
      shownWindow = windowEnd;
      view.line(
        `  ${windowEnd.slice(11, 19)}  ${predictions.map((one) => cellOf(one, settings)).join(" ")}   ${describeActive(active)}`,
      );
      const healthy = predictions.filter(({ failingNow }) => failingNow !== true);
      const riskiest = healthy.sort((a, b) => riskOf(b, primaryHorizonMs) - riskOf(a, primaryHorizonMs))[0];
      if (riskiest === undefined || explained !== undefined) return;
      if (highest === undefined || riskOf(riskiest, primaryHorizonMs) > riskOf(highest, primaryHorizonMs)) {
        highest = riskiest;
      }
      if (riskOf(riskiest, primaryHorizonMs) < threshold) return;
      explained = await running.api.predict(riskiest.service);
      view.json(
        `POST /predict {"service": "${riskiest.service.name}", "environment": "${riskiest.service.environment}"}`,
        explained,
      );
    },
  });
  try {
    await play(stage, running, planned, active);
    await sleep(Math.max(0, fromMs + watchMs - Date.now()), undefined, { signal: stage.signal });
    await catchUp(stage, running);
  } finally {
    await watching.stop();
  }
  if (explained === undefined && highest !== undefined) {
    view.json(
      `nothing reached ${percent(threshold)}; POST /predict for the riskiest seen:`,
      await running.api.predict(highest.service),
    );
  }
  const watchedServices = await Promise.all(
    running.services.map(async (service) => ({
      service: nameOf(service),
      answers: watching.answers.get(nameOf(service)) ?? [],
      windows: (await running.api.windows(service, fromMs - 60_000)).map(({ start, failed, onset }) => ({
        startMs: Date.parse(start),
        failed,
        onset,
      })),
    })),
  );
  const score = scoreWarnings(watchedServices, {
    threshold,
    horizonMs: primaryHorizonMs,
    windowSizeMs,
    fromMs,
    toMs: Date.now(),
  });
  showScore(view, score, episodes);
  return { score, episodes };
}

function showScore(view: ConsoleView, score: WarningScore, episodes: readonly HappenedEpisode[]): void {
  const building = score.onsets.filter((onset) => faultOf(onset, episodes) !== "kill");
  const sudden = score.onsets.filter((onset) => faultOf(onset, episodes) === "kill");
  const warned = (onsets: typeof score.onsets) =>
    `${onsets.filter((onset) => onset.warned).length} of ${onsets.length}`;
  view.line(`failures that built up: ${warned(building)} warned of before they began; sudden kills: ${warned(sudden)}`);
  if (score.medianLeadMs !== null) view.line(`median lead ${seconds(score.medianLeadMs)}`);
  view.line(
    `false alarms: ${score.falseAlarms.length} in ${score.healthyMinutes.toFixed(1)} healthy minutes (${score.undecidedAlarmCount} alarms undecided at the end)`,
  );
}

/** Until Ctrl-C: more episodes, live risk in one line. */
export async function keepGoing(stage: Stage, running: Running): Promise<void> {
  const { settings, view, signal } = stage;
  view.title("The shop stays open; Ctrl-C ends it all");
  const active = new Set<Episode>();
  const watching = watchRisk({
    ...{ api: running.api, services: running.services },
    primaryHorizonMs: settings.primaryHorizonMs,
    windowSizeMs: settings.windowSizeMs,
    onAnswers(predictions) {
      view.status(`${predictions.map((one) => cellOf(one, settings)).join(" ")}   ${describeActive(active)}`);
    },
  });
  for (let round = 2; !signal.aborted; round += 1) {
    const episodes = planEpisodes({
      seed: settings.seed + round * 1_000_003,
      regions: settings.regions,
      durationMs: 120_000,
      healthyMs: [6_000, 9_000],
      buildUpMs: [10_000, 15_000],
      holdMs: [3_500, 5_000],
    });
    await Promise.race([play(stage, running, episodes, active), watching.ended]);
  }
}

const columnOf = ({ name, environment }: ServiceKey) => `${environment}/${name.slice(0, 4)}`.padStart(7);

function cellOf(prediction: Prediction, { primaryHorizonMs, threshold }: DemoSettings): string {
  const risk = riskOf(prediction, primaryHorizonMs);
  const mark = prediction.failingNow === true ? "!" : risk >= threshold ? "*" : " ";
  return `${percent(risk)}${mark}`.padStart(7);
}
