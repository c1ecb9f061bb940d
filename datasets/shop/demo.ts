/** `npm run demo`: Harbinger, started as its users start it, watches a small shop whose faults are real, learns, and then says what
 *  it sees coming. `npm run demo -- --help` lists the options. */
import { setMaxListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { chooseThreshold } from "./demo/choose-threshold.ts";
import { classifyAndCorrect } from "./demo/classify.ts";
import { createConsoleView, seconds } from "./demo/console-view.ts";
import { evaluateWarnings, evaluationText, WANTED } from "./demo/evaluation.ts";
import type { TrainingJob } from "./demo/harbinger-api.ts";
import { learn, train } from "./demo/learn.ts";
import { buildReport } from "./demo/report.ts";
import { type DemoSettings, readSettings, USAGE } from "./demo/settings.ts";
import { type Running, type Stage, timed } from "./demo/stage.ts";
import { startAll } from "./demo/start-all.ts";
import { keepGoing, type Watched, watch } from "./demo/watch.ts";

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  const view = createConsoleView(process.stdout);
  if (settings === "help") return view.line(USAGE);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => interrupted.abort());
  // every episode that is on listens to it
  setMaxListeners(0, interrupted.signal);
  const startedAtMs = performance.now();
  const stage: Stage = { settings, view, signal: interrupted.signal, startedAtMs, cleanUps: [], wallMs: {} };
  const told: { report?: Record<string, unknown> } = {};
  try {
    await Promise.race([tellStory(stage, told), interruption(interrupted.signal)]);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  } finally {
    view.status("stopping …");
    await timed(stage, "stop", async () => {
      for (const cleanUp of stage.cleanUps.reverse()) await cleanUp().catch((error) => view.line(String(error)));
    });
    stage.wallMs.total = Math.round(performance.now() - startedAtMs);
    view.line(`stopped; ${seconds(stage.wallMs.total)} in all`);
  }
  if (told.report !== undefined && settings.jsonFile !== undefined) {
    await writeFile(settings.jsonFile, `${JSON.stringify(told.report, null, 2)}\n`);
    view.line(`the report is in ${settings.jsonFile}`);
  }
}

/** @param told gets the report as soon as there is one, since without --exit the story has no end of its own */
async function tellStory(stage: Stage, told: { report?: Record<string, unknown> }): Promise<void> {
  const running = await timed(stage, "start", () => startAll(stage));
  const acts = async () => {
    const { learned, passing } = await timed(stage, "learn", () => learn(stage, running));
    const [job] = await timed(stage, "train", () => Promise.all([train(stage, running), passing]));
    const settings = settleThreshold(stage, job);
    const warned = { ...stage, settings };
    const watched = await timed(stage, "watch", () => watch(warned, running));
    if (settings.evaluate) showEvaluation(warned, watched);
    const judged = await timed(stage, "classify", () => classifyAndCorrect(stage, running));
    told.report = buildReport({
      ...{ settings, job, learned, watched },
      ...judged,
      load: running.loadCounts(),
      wallMs: stage.wallMs,
    });
    if (settings.exit) return;
    showUrls(stage, running);
    await keepGoing(warned, running);
  };
  await Promise.race([acts(), running.broken]);
}

function settleThreshold({ settings, view }: Stage, job: TrainingJob): DemoSettings {
  const { threshold, sentence } = chooseThreshold(job, {
    horizonMs: settings.warningHorizonMs,
    // a slice this short knows its own rate of alarms badly: less is asked for than is wanted in the end
    maxFalseAlarms: 0.75 * WANTED.falseAlarmsPerTenMinutes,
    otherwise: settings.threshold,
  });
  view.line(sentence);
  return { ...settings, threshold };
}

function showEvaluation({ view, settings }: Stage, { score, episodes }: Watched): void {
  view.title(`Skill over ${episodes.length} episodes of seeds that were not learnt from`);
  const { windowSizeMs } = settings;
  for (const line of evaluationText(evaluateWarnings(score, episodes, windowSizeMs), windowSizeMs)) view.line(line);
}

function showUrls({ view }: Stage, { apiUrl, otlpUrl, shop }: Running): void {
  view.title("Look around");
  view.line(`  ${apiUrl}/docs      the API, to try out`);
  view.line(`  ${apiUrl}/services  what is known of each service`);
  view.line(`  ${apiUrl}/models    versions, verdicts, aliases`);
  view.line(`  ${apiUrl}/metrics   predicted risk as metrics`);
  view.line(`  ${otlpUrl}          send it your own OTLP`);
  view.line(`  ${shop.frontUrl(shop.regions[0] ?? "")}/products/sku-1  the shop`);
}

function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("interrupted")), { once: true });
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(
      `\nthe demo is broken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
