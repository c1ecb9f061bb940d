/** Fourth act: faults it was not trained on build up, and Harbinger says what it sees coming. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ConsoleView, percent, seconds } from "./console-view.ts";
import { faultOf, type HappenedEpisode } from "./happened-episode.ts";
import type { Prediction, ServiceKey } from "./harbinger-api.ts";
import { scoreWarnings, type WarningScore } from "./score-warnings.ts";
import { type DemoSettings, watchTime } from "./settings.ts";
import { catchUp, describeActive, type Running, type Stage } from "./stage.ts";
import { nameOf, type RiskWatch, riskOf, watchRisk } from "./watch-risk.ts";

export interface Watched {
  score: WarningScore;
  episodes: HappenedEpisode[];
}

export async function watch(stage: Stage, running: Running): Promise<Watched> {
  const { settings, view } = stage;
  const { windowSizeMs, warningHorizonMs, threshold } = settings;
  const watchMs = watchTime(settings, performance.now() - stage.startedAtMs);
  view.title(`Live risk within ${seconds(warningHorizonMs)}, while faults that it has never seen build up`);
  view.line(`  time      ${running.services.map((service) => columnOf(service)).join(" ")}   (* warned, ! failing)`);
  const fromMs = Date.now();
  const { episodes } = running;
  let shownWindow: string | null = null;
  let highest: Prediction | undefined;
  let explained: Prediction | undefined;
  const watching = watchRisk({
    api: running.api,
    services: running.services,
    horizonMs: warningHorizonMs,
    windowSizeMs,
    async onAnswers(predictions) {
      const windowEnd = predictions[0]?.asOf.windowEnd ?? null;
      if (windowEnd === null || windowEnd === shownWindow) return;
      shownWindow = windowEnd;
      const row = `${windowEnd.slice(11, 19)}  ${predictions.map((one) => cellOf(one, settings)).join(" ")}   ${describeActive(episodes.active)}`;
      if (settings.evaluate) view.status(row);
      else view.line(`  ${row}`);
      const healthy = predictions.filter(({ failingNow }) => failingNow !== true);
      const riskiest = healthy.sort((a, b) => riskOf(b, warningHorizonMs) - riskOf(a, warningHorizonMs))[0];
      if (riskiest === undefined || explained !== undefined) return;
      if (highest === undefined || riskOf(riskiest, warningHorizonMs) > riskOf(highest, warningHorizonMs)) {
        highest = riskiest;
      }
      if (riskOf(riskiest, warningHorizonMs) < threshold) return;
      explained = await running.api.predict(riskiest.service);
      view.json(
        `POST /predict {"service": "${riskiest.service.name}", "environment": "${riskiest.service.environment}"}`,
        explained,
      );
    },
  });
  try {
    await Promise.all([
      episodes.play(settings.unseenSeed, watchMs),
      sleep(watchMs, undefined, { signal: stage.signal }),
    ]);
    await catchUp(stage, running, 8_000);
  } finally {
    await watching.stop();
  }
  if (explained === undefined && highest !== undefined) {
    view.json(
      `nothing reached ${percent(threshold)}; POST /predict for the riskiest seen:`,
      await running.api.predict(highest.service),
    );
  }
  const score = await scoreWatch(running, watching, settings, fromMs);
  const watched = episodes.happened.filter(({ scheduleStartedAtMs }) => scheduleStartedAtMs >= fromMs);
  if (!settings.evaluate) showScore(view, score, watched);
  return { score, episodes: watched };
}

async function scoreWatch(
  { api, services }: Running,
  { answers }: RiskWatch,
  { threshold, warningHorizonMs, windowSizeMs }: DemoSettings,
  fromMs: number,
): Promise<WarningScore> {
  const watchedServices = await Promise.all(
    services.map(async (service) => ({
      service: nameOf(service),
      answers: answers.get(nameOf(service)) ?? [],
      windows: (await api.windows(service, fromMs - 60_000)).map(({ start, failed, onset }) => ({
        startMs: Date.parse(start),
        failed,
        onset,
      })),
    })),
  );
  return scoreWarnings(watchedServices, {
    threshold,
    horizonMs: warningHorizonMs,
    windowSizeMs,
    fromMs,
    toMs: Date.now(),
  });
}

function showScore(view: ConsoleView, score: WarningScore, episodes: readonly HappenedEpisode[]): void {
  const begun = score.onsets.filter(({ resumed }) => !resumed);
  const building = begun.filter((onset) => faultOf(onset, episodes) !== "kill");
  const sudden = begun.filter((onset) => faultOf(onset, episodes) === "kill");
  const warned = (onsets: typeof score.onsets) =>
    `${onsets.filter((onset) => onset.warned).length} of ${onsets.length}`;
  view.line(`failures that built up: ${warned(building)} warned of before they began; sudden kills: ${warned(sudden)}`);
  if (score.medianLeadMs !== null) view.line(`median lead ${seconds(score.medianLeadMs)}`);
  view.line(
    `false alarms: ${score.falseAlarms.length} in ${score.healthyMinutes.toFixed(1)} healthy minutes (${score.undecidedAlarmCount} alarms undecided at the end)`,
  );
}

const ROUND_MS = 3_600_000;

/** Until Ctrl-C: more episodes, live risk in one line. */
export async function keepGoing(stage: Stage, running: Running): Promise<void> {
  const { settings, view } = stage;
  view.title("The shop stays open; Ctrl-C ends it all");
  const watching = watchRisk({
    ...{ api: running.api, services: running.services },
    horizonMs: settings.warningHorizonMs,
    windowSizeMs: settings.windowSizeMs,
    onAnswers(predictions) {
      view.status(
        `${predictions.map((one) => cellOf(one, settings)).join(" ")}   ${describeActive(running.episodes.active)}`,
      );
    },
  });
  const playOn = async () => {
    for (let round = 1; !stage.signal.aborted; round += 1) {
      await running.episodes.play(settings.unseenSeed + round, ROUND_MS);
    }
  };
  await Promise.all([playOn(), watching.ended]);
}

const columnOf = ({ name, environment }: ServiceKey) => `${environment}/${name.slice(0, 4)}`.padStart(7);

function cellOf(prediction: Prediction, { warningHorizonMs, threshold }: DemoSettings): string {
  const risk = riskOf(prediction, warningHorizonMs);
  const mark = prediction.failingNow === true ? "!" : risk >= threshold ? "*" : " ";
  return `${percent(risk)}${mark}`.padStart(7);
}
