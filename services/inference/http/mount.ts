/** Routes as values → an Express application. Every call goes the same way: token, content type, bounded body, JSON, schema,
 *  handler, answer; whatever goes wrong on the way becomes a problem in one place. */
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { HarbingerError } from "../../platform/errors.ts";
import type { Reply, Route } from "./route.ts";
import { parseJson, validate } from "./validation.ts";

export interface MountOptions {
  /** after decompression */
  maxBodyBytes: number;
  /** @throws UNAUTHENTICATED or FORBIDDEN */
  authorise(request: Request): void;
  /** writes the problem that an error means */
  writeProblem(error: unknown, request: Request, response: Response): void;
  /** told of every answered request; `path` is the route's template, `_OTHER` when none matched */
  observe(request: { method: string; path: string; status: number; durationSeconds: number }): void;
  /** monotonic, ms */
  monotonicNow(): number;
}

export function mountRoutes(app: Express, routes: readonly Route[], options: MountOptions): void {
  const readBody = express.raw({ type: () => true, limit: options.maxBodyBytes });
  const byPath = new Map<string, Route[]>();
  for (const route of routes) {
    const path = toExpressPath(route.path);
    byPath.set(path, [...(byPath.get(path) ?? []), route]);
  }

  app.use(observer(options));
  for (const [path, group] of byPath) {
    for (const route of group) {
      const steps = [
        (request: Request, response: Response, next: NextFunction) => {
          response.locals.route = route.path;
          if (!route.open) options.authorise(request);
          if (route.body !== undefined) requireJson(request);
          next();
        },
        ...(route.body === undefined ? [] : [readBody]),
        async (request: Request, response: Response) => {
          write(response, await route.handle(inputOf(route, request)));
        },
      ];
      app[route.method](path, ...steps);
    }
    app.all(path, (_request, response) => {
      response.locals.route = group[0]?.path;
      const allowed = [
        ...new Set(group.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]))),
      ];
      response.setHeader("Allow", allowed.join(", "));
      throw new HarbingerError("METHOD_NOT_ALLOWED", `this address answers ${allowed.join(", ")}`);
    });
  }
}

/** To be mounted last: what no route answered, and every error. */
export function mountProblems(app: Express, options: MountOptions): void {
  app.use((request) => {
    throw new HarbingerError("NOT_FOUND", `there is nothing at ${request.path.slice(0, 256)}`);
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    options.writeProblem(asHarbingerError(error), request, response);
  });
}

export function toExpressPath(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ":$1");
}

function inputOf(route: Route, request: Request) {
  return {
    params: route.params === undefined ? undefined : validate(route.params, request.params, "params"),
    query: route.query === undefined ? refuseQuery(request) : validate(route.query, request.query, "query"),
    headers: route.headers === undefined ? undefined : validate(route.headers, request.headers, "headers"),
    body: route.body === undefined ? undefined : validate(route.body, bodyOf(request), "body"),
  };
}

function refuseQuery(request: Request): undefined {
  const [name] = Object.keys(request.query);
  if (name !== undefined) {
    throw new HarbingerError("INVALID_INPUT", `query.${name}: unknown field`, {
      details: { errors: [{ path: `query.${name}`, message: "unknown field" }] },
    });
  }
  return undefined;
}

function requireJson(request: Request): void {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "application/json" || /^application\/[\w.-]+\+json$/.test(type)) return;
  throw new HarbingerError("UNSUPPORTED_MEDIA_TYPE", "send the body as application/json");
}

function bodyOf(request: Request): unknown {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0)
    throw new HarbingerError("UNDECODABLE", "the body is empty; send JSON");
  return parseJson(bytes.toString("utf8"));
}

function write(response: Response, reply: Reply): void {
  response.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.text !== undefined) {
    response.setHeader("Content-Type", reply.text.contentType);
    response.end(reply.text.body);
  } else if (reply.json !== undefined) {
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.end(JSON.stringify(reply.json));
  } else {
    response.end();
  }
}

function observer(options: MountOptions) {
  return (request: Request, response: Response, next: NextFunction) => {
    const startedMs = options.monotonicNow();
    response.once("finish", () => {
      const path: unknown = response.locals.route;
      options.observe({
        method: request.method,
        path: typeof path === "string" ? path : "_OTHER",
        status: response.statusCode,
        durationSeconds: (options.monotonicNow() - startedMs) / 1000,
      });
    });
    next();
  };
}

/** Express and its body reader throw errors that carry a status and no code of ours. */
function asHarbingerError(error: unknown): unknown {
  if (error instanceof HarbingerError || typeof error !== "object" || error === null || !("status" in error))
    return error;
  switch (error.status) {
    case 413:
      return new HarbingerError("TOO_LARGE", "the body is larger than this call takes", { cause: error });
    case 415:
      return new HarbingerError("UNSUPPORTED_MEDIA_TYPE", "the content encoding is not one that is understood", {
        cause: error,
      });
    case 400:
      return new HarbingerError("UNDECODABLE", "the request cannot be decoded", { cause: error });
    default:
      return error;
  }
}
