/** What the process costs: memory and how late its event loop runs. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";

/** @returns a function that stops the measurement */
export function observeProcess(meter: Meter): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  meter
    .createObservableGauge("process.memory.usage", { unit: "By", description: "Resident memory" })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge("nodejs.eventloop.delay.p99", {
      unit: "s",
      description: "Event loop delay, 99th percentile since the last read",
    })
    .addCallback((result) => {
      const seconds = delay.percentile(99) / 1e9;
      if (Number.isFinite(seconds)) result.observe(seconds);
      delay.reset();
    });
  return () => delay.disable();
}
