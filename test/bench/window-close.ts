/** Closing windows in the running program on its embedded database: labels, feature fold, vectors, scores and predictions of every service
 *  in one transaction. Read from the program's own `harbinger_close_duration`. */
import { setTimeout as sleep } from "node:timers/promises";
import { startHarbinger } from "../helpers/harbinger-process.ts";
import type { Suite } from "./harness.ts";

const SERVICES = 1_000;
const WINDOWS = 10;

export const windowCloseSuite: Suite = {
  name: "window-close",
  async run(report) {
    const alone = await closeDuration(1);
    const fleet = await closeDuration(SERVICES);
    report.figure("close a window of 1 service, mean", alone * 1000, "ms");
    report.figure(`close a window of ${SERVICES} services, mean`, fleet * 1000, "ms");
    report.ratio("services closed/s", `${SERVICES} at once`, "1 at a time", [[SERVICES / fleet, 1 / alone]]);
  },
};

/** @returns mean seconds of a close while that many services report */
async function closeDuration(serviceCount: number): Promise<number> {
  const service = await startHarbinger({
    env: { HARBINGER_WINDOW_SIZE: "1s", HARBINGER_ALLOWED_LATENESS: "1s", HARBINGER_LOG_LEVEL: "warn" },
  });
  try {
    const untilMs = Math.floor(Date.now() / 1000) * 1000 - 5_000;
    for (let window = WINDOWS; window >= 0; window -= 1) {
      const endMs = untilMs - window * 1000;
      const answer = await fetch(`${service.otlpUrl}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          resourceSpans: Array.from({ length: serviceCount }, (_, index) => oneSpan(index, endMs)),
        }),
      });
      if (!answer.ok) throw new Error(`the receiver answered ${answer.status}: ${await answer.text()}`);
    }
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const { count, sum } = await closes(service.apiUrl);
      if (count >= WINDOWS) return sum / count;
      await sleep(200);
    }
    throw new Error("the windows did not close within a minute");
  } finally {
    await service.dispose();
  }
}

function oneSpan(index: number, endMs: number): object {
  return {
    resource: { attributes: [{ key: "service.name", value: { stringValue: `service-${index}` } }] },
    scopeSpans: [
      {
        spans: [
          {
            name: "GET /",
            kind: 2,
            startTimeUnixNano: `${endMs - 10}000000`,
            endTimeUnixNano: `${endMs}000000`,
            status: {},
          },
        ],
      },
    ],
  };
}

async function closes(apiUrl: string): Promise<{ count: number; sum: number }> {
  const text = await (await fetch(`${apiUrl}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)`, "m").exec(text)?.[1] ?? 0);
  return { count: value("harbinger_close_duration_count"), sum: value("harbinger_close_duration_sum") };
}
