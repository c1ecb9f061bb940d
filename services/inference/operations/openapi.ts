/** The OpenAPI 3.1 document, made of the same routes and schemas that answer the requests. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import { HTTP_MEANING } from "../../platform/http/problem-details.ts";
import type { Route } from "../http/route.ts";
import { problemSchema } from "../http/schemas.ts";

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31["generateDocument"]>;

/** From the table that writes the problems. */
const PROBLEM_TITLES: ReadonlyMap<number, string> = new Map(
  Object.values(HTTP_MEANING).map(({ status, title }) => [status, title]),
);

export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  const bearer = registry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "One of HARBINGER_API_TOKENS; when none is set, no token is needed",
  });
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path,
      operationId: route.operationId,
      tags: [route.tag],
      summary: route.summary,
      ...(route.description === undefined ? {} : { description: route.description }),
      security: route.open ? [] : [{ [bearer.name]: [] }, {}],
      request: {
        ...(route.params === undefined ? {} : { params: route.params }),
        ...(route.query === undefined ? {} : { query: route.query }),
        ...(route.headers === undefined ? {} : { headers: route.headers }),
        ...(route.body === undefined
          ? {}
          : { body: { required: true, content: { "application/json": { schema: route.body } } } }),
      },
      responses: { ...successes(route), ...problems(route) },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Harbinger",
      version,
      description:
        "Which service fails next and why, what kind of error this is, and what changes when an operator disagrees. Unknown fields are refused with 422 and named. Problems are RFC 9457.",
    },
    servers: [{ url: "/" }],
  });
}

function successes(route: Route) {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, { description, schema, contentType, headers }]) => [
      status,
      {
        description,
        ...(headers === undefined
          ? {}
          : {
              headers: Object.fromEntries(
                Object.entries(headers).map(([name, text]) => [
                  name,
                  { description: text, schema: { type: "string" as const } },
                ]),
              ),
            }),
        ...(schema === undefined && contentType === undefined
          ? {}
          : { content: { [contentType ?? "application/json"]: { schema: schema ?? { type: "string" as const } } } }),
      },
    ]),
  );
}

/** The problems that a call can answer follow from its parts; `route.problems` adds what only its handler knows. */
export function problemStatuses(route: Route): number[] {
  const statuses = new Set<number>(route.problems);
  if (!route.open) statuses.add(401).add(503);
  if (
    route.params !== undefined ||
    route.query !== undefined ||
    route.body !== undefined ||
    route.headers !== undefined
  ) {
    statuses.add(422);
  }
  if (route.body !== undefined) statuses.add(400).add(413).add(415);
  return [...statuses].sort((a, b) => a - b);
}

function problems(route: Route) {
  return Object.fromEntries(
    problemStatuses(route).map((status) => [
      status,
      {
        description: PROBLEM_TITLES.get(status) ?? "Problem",
        content: { "application/problem+json": { schema: problemSchema } },
      },
    ]),
  );
}
