/** Ingest end to end: gzip protobuf requests over HTTP into the running program on its embedded database, acknowledged when durable,
 *  until the last span is counted in a window. The client runs on the same cores. */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { startHarbinger } from "../helpers/harbinger-process.ts";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import type { Suite } from "./harness.ts";
import { quantile } from "./harness.ts";

const REQUESTS = 160;
const SPANS_PER_REQUEST = 2_000;
const CONNECTIONS = 4;
const DISTINCT_BODIES = 8;

export const ingestSuite: Suite = {
  name: "ingest",
  async run(report) {
    const service = await startHarbinger({ env: { HARBINGER_LOG_LEVEL: "warn" } });
    try {
      // Each body is sent once only (a repeated one is a duplicate by design), so all are prepared before the clock starts.
      const now = Date.now();
      const bodies = Array.from({ length: REQUESTS }, (_, index) =>
        gzipSync(
          referenceTraces({
            seed: index,
            spanCount: SPANS_PER_REQUEST,
            untilMs: now - (index % DISTINCT_BODIES) * 1_000,
          }).protobuf,
        ),
      );
      const acknowledgements: number[] = [];
      let next = 0;
      const sender = async () => {
        for (let index = next++; index < bodies.length; index = next++) {
          const sent = performance.now();
          const answer = await fetch(`${service.otlpUrl}/v1/traces`, {
            method: "POST",
            headers: { "content-type": "application/x-protobuf", "content-encoding": "gzip" },
            body: bodies[index] ?? null,
          });
          if (!answer.ok) throw new Error(`the receiver answered ${answer.status}: ${await answer.text()}`);
          await answer.arrayBuffer();
          acknowledgements.push(performance.now() - sent);
        }
      };
      const start = performance.now();
      await Promise.all(Array.from({ length: CONNECTIONS }, sender));
      const acknowledged = performance.now() - start;
      const spans = REQUESTS * SPANS_PER_REQUEST;
      report.figure("accepted over HTTP, gzip", (spans * 1000) / acknowledged, "{span}/s");
      const ascending = acknowledgements.sort((a, b) => a - b);
      report.figure(`acknowledgement of ${SPANS_PER_REQUEST} spans: p50`, quantile(ascending, 0.5), "ms");
      report.figure(`acknowledgement of ${SPANS_PER_REQUEST} spans: p99`, quantile(ascending, 0.99), "ms");

      await untilMerged(service.apiUrl, spans);
      report.figure("until merged into windows", (spans * 1000) / (performance.now() - start), "{span}/s");
    } finally {
      await service.dispose();
    }
  },
};

/** Polls the ledger on `/metrics` until that many records are merged. */
async function untilMerged(apiUrl: string, records: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const text = await (await fetch(`${apiUrl}/metrics`)).text();
    const merged = [...text.matchAll(/^harbinger_ledger_records_total\{[^}]*outcome="merged"[^}]*\} (\d+)/gm)];
    if (merged.reduce((sum, [, value]) => sum + Number(value), 0) >= records) return;
    await sleep(100);
  }
  throw new Error("the records were not merged within a minute");
}
