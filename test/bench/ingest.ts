/** Ingest end to end: gzip protobuf requests over HTTP into the running program on its embedded database, acknowledged when durable,
 *  until the last span is counted in a window. Then what it costs `/predict` in the same process while the receiver works at 70 % of that. The
 *  load generator runs beside it, on the same cores. HARBINGER_TEST_LOAD_SECONDS sets how long the load lasts (60). */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type HarbingerProcess, startHarbinger } from "../helpers/harbinger-process.ts";
import type { Suite, SuiteReport } from "./harness.ts";
import { median, quantile } from "./harness.ts";
import { prepareLoad } from "./load.ts";
import type { LoadOrder, LoadResult } from "./load-generator.ts";

const SECONDS = Number(process.env.HARBINGER_TEST_LOAD_SECONDS ?? 60);
const SHARE_OF_MAXIMUM = 0.7;
const PROBE_PAUSE_MS = 5;
const MIB = 1024 * 1024;
/** Preparing takes time and memory: about the double of what two cores have been seen to take. */
const MAX_RATE = 900_000;

const LOAD: Omit<LoadOrder, "url"> = {
  seconds: SECONDS,
  connections: 8,
  spansPerRequest: 8_000,
  errorRatio: 0.02,
  rate: null,
  maxRate: MAX_RATE,
  seed: 1,
};

export const ingestSuite: Suite = {
  name: "ingest",
  async run(report) {
    const service = await startHarbinger({ env: { HARBINGER_LOG_LEVEL: "warn" } });
    try {
      const maximum = await measureMaximum(service, report);
      await measurePredictUnderLoad(service, maximum, report);
    } finally {
      await service.dispose();
    }
  },
};

/** @returns accepted spans per second */
async function measureMaximum(service: HarbingerProcess, report: SuiteReport): Promise<number> {
  const load = await prepareLoad({ ...LOAD, url: `${service.otlpUrl}/v1/traces` });
  const memory = watchMemory(service);
  const start = performance.now();
  const result = await load.run();
  const rate = result.acceptedSpans / result.seconds;
  report.figure(`accepted over HTTP, gzip, for ${SECONDS} s`, rate, "{span}/s");
  reportAnswers(result, report);
  if (result.ranDry) report.figure("at least: the generator ran dry at", MAX_RATE, "{span}/s");
  const { p50, p99 } = result.acknowledgementMs;
  report.figure(`acknowledgement of ${LOAD.spansPerRequest} spans, 8 always on their way: p50`, p50, "ms");
  report.figure(`acknowledgement of ${LOAD.spansPerRequest} spans, 8 always on their way: p99`, p99, "ms");

  await untilMerged(service.apiUrl, result.acceptedSpans);
  report.figure("until merged into windows", (result.acceptedSpans * 1000) / (performance.now() - start), "{span}/s");
  const samples = memory.stop();
  const thirds = [0, 1, 2].map((third) =>
    samples.slice((third * samples.length) / 3, ((third + 1) * samples.length) / 3),
  );
  const [, middle = [], last = []] = thirds;
  report.figure("resident memory, last third", median(last) / MIB, "MiB");
  report.figure("resident memory, last third against the middle one", median(last) / median(middle), "1");
  return rate;
}

async function measurePredictUnderLoad(service: HarbingerProcess, maximum: number, report: SuiteReport): Promise<void> {
  const seconds = Math.min(20, SECONDS);
  const rate = SHARE_OF_MAXIMUM * maximum;
  const load = await prepareLoad({
    ...LOAD,
    seconds,
    rate,
    maxRate: 1.2 * rate,
    seed: 7,
    url: `${service.otlpUrl}/v1/traces`,
  });
  const idle = await probePredict(service, sleep(Math.min(10, SECONDS) * 1000));
  const running = load.run();
  const busy = await probePredict(service, running);
  const result = await running;
  reportAnswers(result, report);
  report.figure("/predict meanwhile, load", result.acceptedSpans / result.seconds, "{span}/s");
  report.figure("/predict while idle: p50", quantile(idle, 0.5), "ms");
  report.figure("/predict while idle: p99", quantile(idle, 0.99), "ms");
  report.figure("/predict at 70 % of the receiver's maximum: p50", quantile(busy, 0.5), "ms");
  report.figure("/predict at 70 % of the receiver's maximum: p99", quantile(busy, 0.99), "ms");
  const ratio = quantile(busy, 0.99) / quantile(idle, 0.99);
  report.ratio("p99 of /predict", "at 70 % of the receiver's maximum", "while idle", [[ratio, 1]]);
}

/** One request after another, with a pause, until `end`. @returns ms of each, ascending */
async function probePredict({ apiUrl }: HarbingerProcess, end: Promise<unknown>): Promise<number[]> {
  let isOver = false;
  void end.finally(() => {
    isOver = true;
  });
  const all: number[] = [];
  while (!isOver) {
    const start = performance.now();
    const answer = await fetch(`${apiUrl}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ service: "checkout", environment: "production", explain: false }),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`/predict answered ${answer.status}`);
    all.push(performance.now() - start);
    await sleep(PROBE_PAUSE_MS);
  }
  return all.sort((a, b) => a - b);
}

function reportAnswers({ answers }: LoadResult, report: SuiteReport): void {
  for (const [status, count] of Object.entries(answers))
    report.figure(`requests answered ${status}`, count, "{request}");
}

/** Resident memory each half second. @returns bytes */
function watchMemory({ child }: HarbingerProcess): { stop(): number[] } {
  const samples: number[] = [];
  const timer = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    samples.push(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024);
  }, 500);
  return {
    stop: () => {
      clearInterval(timer);
      return samples;
    },
  };
}

/** Polls the ledger on `/metrics` until that many records are merged. */
async function untilMerged(apiUrl: string, records: number): Promise<void> {
  for (let attempt = 0; attempt < 1_200; attempt += 1) {
    const text = await (await fetch(`${apiUrl}/metrics`)).text();
    const merged = [...text.matchAll(/^harbinger_ledger_records_total\{[^}]*outcome="merged"[^}]*\} (\d+)/gm)];
    if (merged.reduce((sum, [, value]) => sum + Number(value), 0) >= records) return;
    await sleep(100);
  }
  throw new Error("the records were not merged within two minutes");
}
