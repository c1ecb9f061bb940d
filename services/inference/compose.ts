/** The inference role: the HTTP API on `config.http.port`. */
import { createBearerGuard } from "../platform/http/bearer-guard.ts";
import { createHttpApp } from "../platform/http/http-app.ts";
import { startHttpServer } from "../platform/http/http-server.ts";
import { createProblemWriter } from "../platform/http/problem-details.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import { observeModels } from "../platform/serving/model-metrics.ts";
import { createKnownChanges } from "../platform/store/known-changes.ts";
import { mountRoutes } from "./http/mount.ts";
import { mountApiDocs } from "./operations/api-docs.ts";
import { createInferenceMetrics } from "./operations/request-metrics.ts";
import { createRoutes } from "./routes.ts";

/** A thousand predictions or some hundred errors with long stack traces fit well. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export async function startInference(platform: Platform): Promise<RunningRole> {
  const { config, db, logger, meter, models, newId } = platform;
  // Beside the features role, that one says it.
  const stopModels = config.roles.includes("features") ? () => {} : observeModels({ meter, db, logger, models });
  const metrics = createInferenceMetrics(meter);
  const changes = await createKnownChanges(platform);
  const routes = createRoutes(platform, metrics, changes);
  const app = createHttpApp({
    newId,
    writeProblem: createProblemWriter(logger, newId),
    mount: (express) => {
      express.use(metrics.observeRequest);
      mountRoutes(express, routes, { maxBodyBytes: MAX_BODY_BYTES, guard: createBearerGuard(config.api.tokens) });
      mountApiDocs(express);
    },
  });
  const { host, http } = config;
  const server = await startHttpServer(app, { host, port: http.port, portSetting: "HARBINGER_HTTP_PORT" });
  return {
    name: "inference",
    url: server.url,
    async stop() {
      await server.stop();
      await changes.close();
      stopModels();
    },
    ready: () => {
      const slot = models.predictor();
      // Without a model the base rates answer, so no state of the slot makes the API unready; it is said nevertheless.
      return { ready: true, detail: `failure predictor: ${slot.state}` };
    },
  };
}
