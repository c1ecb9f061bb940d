/** The inference role on a platform of its own, and a client that holds every answer against the schema published for it. */
import { metrics } from "@opentelemetry/api";
import { expect } from "vitest";
import { startInference } from "../../../services/inference/compose.ts";
import type { Route } from "../../../services/inference/http/route.ts";
import { problemSchema } from "../../../services/inference/http/schemas.ts";
import { createInferenceMetrics } from "../../../services/inference/operations/request-metrics.ts";
import { createRoutes } from "../../../services/inference/routes.ts";
import type { Platform } from "../../../services/platform/runtime/platform.ts";
import { startTestPlatform } from "../../helpers/platform.ts";

export interface Answer {
  status: number;
  headers: Headers;
  // Tests look into answers freely; that they have the published shape is checked before they see them.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  json: any;
  text: string;
}

export interface TestApi {
  url: string;
  platform: Platform;
  routes: Route[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  stop(): Promise<void>;
}

export const MINUTE = 60_000;

export async function startTestApi(env: Record<string, string> = {}): Promise<TestApi> {
  const { platform, dispose } = await startTestPlatform({ HARBINGER_ROLES: "inference", ...env });
  const role = await startInference(platform);
  const url = role.url ?? "";
  const routes = createRoutes(platform, createInferenceMetrics(metrics.getMeter("test")), {
    edition: () => null,
    changed: () => {},
    close: async () => {},
  });

  const call = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, { ...init, method });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    const answer = { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
    expectPublished(routes, method, path.split("?", 1)[0] ?? path, answer);
    return answer;
  };
  const sendJson =
    (method: string) =>
    (path: string, body: unknown, headers: Record<string, string> = {}) =>
      call(method, path, {
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });

  return {
    url,
    platform,
    routes,
    get: (path, headers) => call("GET", path, headers === undefined ? {} : { headers }),
    post: sendJson("POST"),
    put: sendJson("PUT"),
    delete: (path) => call("DELETE", path),
    async stop() {
      await role.stop();
      await dispose();
    },
  };
}

/** An answer must have a published status and exactly the published shape: nothing missing, nothing that the schema does not know. */
function expectPublished(routes: readonly Route[], method: string, path: string, answer: Answer): void {
  if (answer.headers.get("content-type")?.startsWith("application/problem+json") === true) {
    expect(problemSchema.parse(answer.json).status).toBe(answer.status);
    return;
  }
  const route = routes.find((candidate) => candidate.method === method.toLowerCase() && matches(candidate.path, path));
  if (route === undefined) return;
  const published = route.responses[answer.status];
  expect(published, `${method} ${route.path} does not publish ${answer.status}`).toBeDefined();
  if (published?.schema !== undefined) expect(published.schema.parse(answer.json)).toEqual(answer.json);
}

/** A literal address wins over a template, as in the router. */
function matches(template: string, path: string): boolean {
  if (template === path) return true;
  if (path.endsWith("/queue") || path.endsWith("/alertmanager")) return false;
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path);
}
