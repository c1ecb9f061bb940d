/** Asks Harbinger once per window what it thinks of every service, and keeps the answers as they were given. */
import { setTimeout as sleep } from "node:timers/promises";
import type { HarbingerApi, Prediction, ServiceKey } from "./harbinger-api.ts";
import type { LiveAnswer } from "./score-warnings.ts";

export interface RiskWatch {
  /** by `environment/name` */
  answers: ReadonlyMap<string, readonly LiveAnswer[]>;
  /** resolves when the watch was stopped, rejects when Harbinger did not answer */
  ended: Promise<void>;
  stop(): Promise<void>;
}

export interface RiskWatchOptions {
  api: HarbingerApi;
  services: readonly ServiceKey[];
  /** of the probability that is kept */
  horizonMs: number;
  windowSizeMs: number;
  onAnswers?: (predictions: readonly Prediction[]) => void | Promise<void>;
}

export const nameOf = ({ name, environment }: ServiceKey) => `${environment}/${name}`;

export function riskOf(prediction: Prediction, horizonMs: number): number {
  return prediction.horizons.find((horizon) => horizon.horizonMs === horizonMs)?.probability ?? 0;
}

export function watchRisk({ api, services, horizonMs, windowSizeMs, onAnswers }: RiskWatchOptions): RiskWatch {
  const answers = new Map<string, LiveAnswer[]>(services.map((service) => [nameOf(service), []]));
  const ending = new AbortController();
  const keep = (prediction: Prediction, madeAtMs: number) => {
    const kept = answers.get(nameOf(prediction.service));
    const windowEnd = prediction.asOf.windowEnd;
    if (kept === undefined || windowEnd === null) return;
    const atMs = Date.parse(windowEnd);
    if (kept.at(-1)?.atMs === atMs) return;
    const probability = riskOf(prediction, horizonMs);
    kept.push({ atMs, madeAtMs, probability, failingNow: prediction.failingNow });
  };
  const loop = async () => {
    while (!ending.signal.aborted) {
      const predictions = await api.predictAll(services);
      const madeAtMs = Date.now();
      for (const prediction of predictions) keep(prediction, madeAtMs);
      await onAnswers?.(predictions);
      // twice per window, so that no closed window's answer is missed
      await sleep(windowSizeMs / 2, undefined, { signal: ending.signal }).catch(() => {});
    }
  };
  const running = loop();
  // whoever awaits `ended` or stop() hears of it; until then it must not count as unhandled
  running.catch(() => {});
  return {
    answers,
    ended: running,
    async stop() {
      ending.abort();
      await running;
    },
  };
}
