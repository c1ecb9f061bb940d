/** How full the queues are, read when somebody reads the metrics. */
import type { Meter } from "@opentelemetry/api";
import type { Queues } from "./queues.ts";

export function observeQueueDepth(meter: Meter, queues: Queues): void {
  const gauge = meter.createObservableGauge("harbinger.queue.depth", {
    unit: "{job}",
    description: "Jobs by queue and state",
  });
  gauge.addCallback(async (result) => {
    await Promise.all(
      (["telemetry", "training"] as const).map(async (queue) => {
        // An outage is no reason to lose all other metrics: this one is simply not there for a while.
        const depth = await queues[queue].depth().catch(() => undefined);
        for (const [state, count] of Object.entries(depth ?? {})) result.observe(count, { queue, state });
      }),
    );
  });
}
