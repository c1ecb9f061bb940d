/** Fourth act: faults it was not trained on build up, and Harbinger says what it sees coming. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ConsoleView, percent, seconds } from "./console-view.ts";
import type { Prediction, ServiceKey } from "./harbinger-api.ts";
import { faultOf, type HappenedEpisode } from "./report.ts";
import { scoreWarnings, type WarningScore } from "./score-warnings.ts";
import { type DemoSettings, watchTime } from "./settings.ts";
import { catchUp, describeActive, type Running, type Stage } from "./stage.ts";
import { nameOf, riskOf, watchRisk } from "./watch-risk.ts";

export async function watch(
  stage: Stage,
  running: Running,
): Promise<{ score: WarningScore; episodes: HappenedEpisode[] }> {
  const { settings, view } = stage;
  const { windowSizeMs, primaryHorizonMs, threshold } = settings;
  const watchMs = watchTime(settings, performance.now() - stage.startedAtMs);
  view.title(`Live risk within ${seconds(primaryHorizonMs)}, while faults that it has never seen build up`);
  view.line(`  time      ${running.services.map((service) => columnOf(service)).join(" ")}   (* warned, ! failing)`);
  const fromMs = Date.now();
  const { active, happened } = running.episodes;
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
    await sleep(watchMs, undefined, { signal: stage.signal });
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
  const episodes = happened.filter(({ scheduleStartedAtMs, endMs }) => scheduleStartedAtMs + endMs >= fromMs);
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
  const { settings, view } = stage;
  view.title("The shop stays open; Ctrl-C ends it all");
  const watching = watchRisk({
    ...{ api: running.api, services: running.services },
    primaryHorizonMs: settings.primaryHorizonMs,
    windowSizeMs: settings.windowSizeMs,
    onAnswers(predictions) {
      view.status(
        `${predictions.map((one) => cellOf(one, settings)).join(" ")}   ${describeActive(running.episodes.active)}`,
      );
    },
  });
  await watching.ended;
}

const columnOf = ({ name, environment }: ServiceKey) => `${environment}/${name.slice(0, 4)}`.padStart(7);

function cellOf(prediction: Prediction, { primaryHorizonMs, threshold }: DemoSettings): string {
  const risk = riskOf(prediction, primaryHorizonMs);
  const mark = prediction.failingNow === true ? "!" : risk >= threshold ? "*" : " ";
  return `${percent(risk)}${mark}`.padStart(7);
}
