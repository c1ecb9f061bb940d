/** Health, readiness and metrics for a process that has no HTTP API of its own. */
import type { Platform } from "../runtime/platform.ts";
import { createHttpApp } from "./http-app.ts";
import { type HttpServer, startHttpServer } from "./http-server.ts";
import { createProblemWriter } from "./problem-details.ts";

export async function startOperationsServer(platform: Platform): Promise<HttpServer> {
  const app = createHttpApp({
    newId: platform.newId,
    writeProblem: createProblemWriter(platform.logger, platform.newId),
    mount: (routes) => {
      routes.get("/healthz", (_request, response) => {
        response.json({ status: "ok" });
      });
      routes.get("/readyz", async (_request, response) => {
        const report = await platform.readiness.report();
        response.status(report.ready ? 200 : 503).json(report);
      });
      routes.get("/metrics", async (_request, response) => {
        response.type("text/plain; version=0.0.4; charset=utf-8").send(await platform.renderMetrics());
      });
    },
  });
  const { host, http } = platform.config;
  return startHttpServer(app, { host, port: http.port, portSetting: "HARBINGER_HTTP_PORT" });
}
