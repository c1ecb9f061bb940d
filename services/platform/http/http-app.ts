/** An Express application with what every one of ours has: safe headers, a request id, a span per request, and problem details for
 *  everything that goes wrong. */
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import helmet from "helmet";
import type { NewId } from "../clock.ts";
import { HarbingerError } from "../errors.ts";
import type { WriteProblem } from "./problem-details.ts";

export interface HttpAppOptions {
  newId: NewId;
  writeProblem: WriteProblem;
  /** adds the routes */
  mount(app: Express): void;
}

export function createHttpApp(options: HttpAppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.use(helmet());
  app.use(nameRequest(options.newId));
  app.use(traceRequest);
  options.mount(app);
  app.use((request: Request) => {
    throw notAnswered(app, request);
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    options.writeProblem(error, request, response);
  });
  return app;
}

/** A caller's id is kept when it is short and plain, so that nothing strange gets into logs through it. */
function nameRequest(newId: NewId) {
  return (request: Request, response: Response, next: NextFunction) => {
    const given = request.get("x-request-id");
    response.setHeader("X-Request-Id", given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : newId());
    next();
  };
}

function traceRequest(request: Request, response: Response, next: NextFunction): void {
  const parent = propagation.extract(context.active(), request.headers);
  const span = trace
    .getTracer("harbinger.http")
    .startSpan(
      `${request.method}`,
      { kind: SpanKind.SERVER, attributes: { "http.request.method": request.method } },
      parent,
    );
  response.once("close", () => {
    const route: unknown = response.locals.route ?? request.route?.path;
    if (typeof route === "string") {
      span.updateName(`${request.method} ${route}`);
      span.setAttribute("http.route", route);
    }
    span.setAttribute("http.response.status_code", response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
}

/** 405 when the address exists under another method, else 404. */
function notAnswered(app: Express, request: Request): HarbingerError {
  const allow = new Set<string>();
  for (const layer of app.router.stack) {
    // Part of Express 5's router, though not of its published types.
    const { match } = layer as unknown as { match?: (path: string) => unknown };
    // What matches is told by an object in newer routers and by `true` in older ones.
    if (layer.route === undefined || !match?.call(layer, request.path)) continue;
    for (const step of layer.route.stack) if (step.method) allow.add(step.method.toUpperCase());
  }
  const path = request.path.slice(0, 256);
  if (allow.size === 0) return new HarbingerError("NOT_FOUND", `there is nothing at ${path}`);
  const methods = [...allow].sort().join(", ");
  request.res?.setHeader("Allow", methods);
  return new HarbingerError("METHOD_NOT_ALLOWED", `${path} answers ${methods}`);
}
