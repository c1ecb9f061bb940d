import { z } from "zod";
import type { ReadinessRegistry } from "../../platform/runtime/readiness.ts";
import { defineRoute, type Route } from "../http/route.ts";

const tag = "operations";

const readinessSchema = z
  .object({
    ready: z.boolean(),
    checks: z.record(z.string(), z.object({ ready: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: "Readiness" });

export interface OperationsDeps {
  readiness: ReadinessRegistry;
  /** Prometheus text */
  renderMetrics(): Promise<string>;
  /** of all routes, these included */
  openApi(): unknown;
}

export function operationsRoutes({ readiness, renderMetrics, openApi }: OperationsDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/healthz",
      operationId: "getHealth",
      tag,
      open: true,
      summary: "Is the process alive?",
      responses: { 200: { description: "It is", schema: z.object({ status: z.literal("ok") }) } },
      handle: async () => ({ status: 200, json: { status: "ok" } }),
    }),
    defineRoute({
      method: "get",
      path: "/readyz",
      operationId: "getReadiness",
      tag,
      open: true,
      summary: "Can this process do its work?",
      responses: {
        200: { description: "It can", schema: readinessSchema },
        503: { description: "It cannot; `checks` says why", schema: readinessSchema },
      },
      async handle() {
        const report = await readiness.report();
        return {
          status: report.ready ? 200 : 503,
          json: report,
          ...(report.ready ? {} : { headers: { "Retry-After": "5" } }),
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/metrics",
      operationId: "getMetrics",
      tag,
      summary: "Own telemetry and predicted risk, as Prometheus text",
      responses: { 200: { description: "Text exposition 0.0.4", contentType: "text/plain" } },
      async handle() {
        const contentType = "text/plain; version=0.0.4; charset=utf-8";
        return { status: 200, text: { body: await renderMetrics(), contentType } };
      },
    }),
    defineRoute({
      method: "get",
      path: "/openapi.json",
      operationId: "getOpenApi",
      tag,
      open: true,
      summary: "This document",
      responses: { 200: { description: "OpenAPI 3.1", schema: z.looseObject({ openapi: z.string() }) } },
      handle: async () => ({ status: 200, json: openApi() }),
    }),
  ];
}
