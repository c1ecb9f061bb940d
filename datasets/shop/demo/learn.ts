/** Second act: faults come and go while Harbinger watches; third: it trains, and the gate decides. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadCounts } from "../load-generator.ts";
import { seconds } from "./console-view.ts";
import { LONGEST_EPISODE_MS } from "./episode-stream.ts";
import type { TrainingJob } from "./harbinger-api.ts";
import { catchUp, describeActive, type Running, type Stage } from "./stage.ts";

const TRAIN_WITHIN_MS = 300_000;

export interface Learned {
  onsetCount: number;
  episodeCount: number;
}

/** @returns what was seen, and when the last faults have passed: they go on while Harbinger trains, or the time that the gate judges by,
 *  the latest, would be quieter than what was learnt from */
export async function learn(stage: Stage, running: Running): Promise<{ learned: Learned; passing: Promise<void> }> {
  const { settings, view } = stage;
  view.title(`Learning for ${seconds(settings.learnMs)} while faults build up and pass`);
  const fromMs = Date.now();
  const progress = setInterval(() => {
    const left = Math.max(0, settings.learnMs - (Date.now() - fromMs));
    view.status(
      `${seconds(left)} left; ${describeLoad(running.loadCounts())}; now: ${describeActive(running.episodes.active)}`,
    );
  }, 1_000);
  const passing = running.episodes.play(settings.seed, settings.learnMs + LONGEST_EPISODE_MS);
  const learning = sleep(settings.learnMs, undefined, { signal: stage.signal });
  try {
    // faults that cannot be played end it at once
    await Promise.all([learning, Promise.race([learning, passing])]);
  } finally {
    clearInterval(progress);
  }
  const episodeCount = running.episodes.happened.length;
  const behindMs = await catchUp(stage, running, 15_000);
  if (behindMs > 0) view.line(`this machine is too busy: Harbinger is ${seconds(behindMs)} behind`);
  const windows = await Promise.all(running.services.map((service) => running.api.windows(service, fromMs)));
  const onsetCount = windows.flat().filter(({ onset }) => onset).length;
  const failedCount = windows.flat().filter(({ failed }) => failed === true).length;
  view.line(
    `${episodeCount} episodes began; Harbinger saw ${onsetCount} failures begin and ${failedCount} failed windows of ${windows.flat().length}`,
  );
  return { learned: { onsetCount, episodeCount }, passing };
}

export async function train({ settings, view, signal }: Stage, { api }: Running): Promise<TrainingJob> {
  view.title("Training the failure predictor on what was seen");
  const startedAtMs = performance.now();
  let job = await api.train("failure-predictor", settings.seed);
  while (job.state === "queued" || job.state === "running") {
    if (performance.now() - startedAtMs > TRAIN_WITHIN_MS)
      throw new Error(`training is still ${job.state} after ${seconds(TRAIN_WITHIN_MS)}`);
    view.status(`${job.state}: ${job.progress?.stage ?? "waiting"} ${Math.round(job.progress?.percent ?? 0)} %`);
    await sleep(400, undefined, { signal });
    job = await api.trainingJob(job.id);
  }
  if (job.state === "failed") throw new Error(`training failed: ${job.error}`);
  const verdict = job.verdict;
  view.line(`the gate says: ${job.state} (${seconds(performance.now() - startedAtMs)})`);
  if (verdict !== null) view.line(`  ${verdict.reason}`);
  for (const rule of verdict?.rules ?? []) view.line(`  ${rule.passed ? "ok " : "NO "} ${rule.rule}: ${rule.sentence}`);
  if (job.state !== "promoted") {
    view.line("the gate keeps this model out: what follows are the answers of what serves now");
  }
  return job;
}

function describeLoad({ sent, failed }: LoadCounts): string {
  return `${sent} customers, ${failed} failed`;
}
