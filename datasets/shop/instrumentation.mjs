/** Preloaded by `--import`: the official OpenTelemetry SDK with its auto-instrumentations. Exporter, delays, service name and version
 *  come from the standard OTEL_* variables; the shop's own code imports nothing of OpenTelemetry.
 *  Plain JavaScript, so that it loads before the TypeScript loader does: a service then starts with a third less CPU. */
import { register } from "node:module";
import { getNodeAutoInstrumentations } from "@opentelemetry/auto-instrumentations-node";
import { NodeSDK } from "@opentelemetry/sdk-node";

// ES modules import express, pg and pino; only a loader hook can patch those imports
register("@opentelemetry/instrumentation/hook.mjs", {
  parentURL: import.meta.url,
  data: { include: ["express", "pg", "pino"] },
});

/** `peer.service` says who was called: every process here has the same address, and a port says nothing to a reader.
 *  @type {Map<string, string>} origin, e.g. `http://127.0.0.1:40123`, → service */
const peerByOrigin = new Map();
process.on("message", (message) => {
  for (const [service, url] of Object.entries(message?.peers ?? {})) peerByOrigin.set(url, service);
});

const sdk = new NodeSDK({
  instrumentations: getNodeAutoInstrumentations({
    "@opentelemetry/instrumentation-undici": {
      startSpanHook: ({ origin }) => (peerByOrigin.has(origin) ? { "peer.service": peerByOrigin.get(origin) } : {}),
    },
    "@opentelemetry/instrumentation-express": { ignoreLayersType: ["middleware", "router"] },
    "@opentelemetry/instrumentation-pg": {
      requireParentSpan: true,
      ignoreConnectSpans: true,
      requestHook: (span) => span.setAttribute("peer.service", "postgresql"),
    },
  }),
});
sdk.start();

process.once("SIGTERM", () => {
  // the last batch is sent, but a receiver that is gone must not hold the process
  setTimeout(() => process.exit(0), 2_000).unref();
  sdk.shutdown().finally(() => process.exit(0));
});
