/** `/metrics`: what this process measures of itself, and predicted risk. Where the features role runs in the same process, its own
 *  instruments already say the risk; elsewhere it is read from the store. */
import type { Platform } from "../../platform/runtime/platform.ts";
import { latestPredictions } from "../../platform/store/predictions-store.ts";
import { serviceIdentities } from "../../platform/store/service-lookup.ts";
import { type CurrentRisk, renderRiskMetrics } from "./risk-metrics.ts";

/** As many services as the features role shows. */
const MOST_SERVICES = 200;

export function createMetricsPage(
  platform: Pick<Platform, "config" | "db" | "logger" | "renderMetrics">,
): () => Promise<string> {
  const { config, db, logger, renderMetrics } = platform;
  if (config.roles.includes("features")) return renderMetrics;
  return async () => {
    const own = await renderMetrics();
    try {
      return own + renderRiskMetrics(await readRisks(db), MOST_SERVICES);
    } catch (error) {
      // A scrape during an outage of the store still shows what the process knows of itself.
      logger.warn({ err: error }, "predicted risk could not be read for /metrics");
      return own;
    }
  };
}

async function readRisks(db: Platform["db"]): Promise<CurrentRisk[]> {
  const predictions = await latestPredictions(db);
  const services = await serviceIdentities(
    db,
    predictions.map(({ serviceId }) => serviceId),
  );
  return predictions.flatMap(({ serviceId, modelName, modelVersion, horizons }) => {
    const service = services.get(serviceId);
    return service === undefined ? [] : [{ ...service, modelName, modelVersion, horizons }];
  });
}
