/** How full the queues are and how long their oldest job waits, read when somebody reads the metrics. */
import type { Meter } from "@opentelemetry/api";
import type { Queues } from "./queues.ts";

const QUEUES = ["telemetry", "training"] as const;

export function observeQueueDepth(meter: Meter, queues: Queues): void {
  const gauge = meter.createObservableGauge("harbinger.queue.depth", {
    unit: "{job}",
    description: "Jobs by queue and state",
  });
  gauge.addCallback(async (result) => {
    await Promise.all(
      QUEUES.map(async (queue) => {
        // An outage is no reason to lose all other metrics: this one is simply not there for a while.
        const depth = await queues[queue].depth().catch(() => undefined);
        for (const [state, count] of Object.entries(depth ?? {})) result.observe(count, { queue, state });
      }),
    );
  });
  const age = meter.createObservableGauge("harbinger.queue.oldest_job.age", {
    unit: "s",
    description: "How long the job that is next has been waiting; 0 when none waits",
  });
  age.addCallback(async (result) => {
    await Promise.all(
      QUEUES.map(async (queue) => {
        const ageMs = await queues[queue].oldestWaitingAgeMs().catch(() => null);
        if (ageMs !== null) result.observe(ageMs / 1000, { queue });
      }),
    );
  });
}
