/** Routes as values → an Express application. Every call goes the same way: token, content type, bounded body, JSON, schema,
 *  handler, answer; whatever goes wrong on the way becomes a problem in the http kit. */
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { HarbingerError } from "../../platform/errors.ts";
import type { BearerGuard } from "../../platform/http/bearer-guard.ts";
import type { Reply, Route } from "./route.ts";
import { invalid, parseJson, validate } from "./validation.ts";

export interface MountOptions {
  /** after decompression */
  maxBodyBytes: number;
  guard: BearerGuard;
}

export function mountRoutes(app: Express, routes: readonly Route[], options: MountOptions): void {
  // Bytes, not express.json: the text is looked at for `__proto__` before it becomes an object.
  const readBody = express.raw({ type: () => true, limit: options.maxBodyBytes });
  for (const route of routes) {
    const enter = (request: Request, response: Response, next: NextFunction) => {
      response.locals.route = route.path;
      if (!route.open) options.guard(request.headers.authorization);
      if (route.body !== undefined) requireJson(request);
      next();
    };
    const answer = async (request: Request, response: Response) => {
      write(response, await route.handle(inputOf(route, request)));
    };
    const steps = route.body === undefined ? [enter, answer] : [enter, readBody, answer];
    app[route.method](toExpressPath(route.path), ...steps);
  }
}

export function toExpressPath(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ":$1");
}

function inputOf(route: Route, request: Request) {
  return {
    params: route.params === undefined ? undefined : validate(route.params, request.params, "params"),
    query: route.query === undefined ? refuseQuery(request) : validate(route.query, { ...request.query }, "query"),
    headers: route.headers === undefined ? undefined : validate(route.headers, request.headers, "headers"),
    body: route.body === undefined ? undefined : validate(route.body, bodyOf(request), "body"),
  };
}

function refuseQuery(request: Request): undefined {
  const names = Object.keys(request.query);
  if (names.length > 0)
    throw invalid(names.slice(0, 20).map((name) => ({ path: `query.${name}`, message: "unknown field" })));
  return undefined;
}

function requireJson(request: Request): void {
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (/^application\/([\w.-]+\+)?json$/.test(type)) return;
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
  const body = reply.text?.body ?? (reply.json === undefined ? undefined : JSON.stringify(reply.json));
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader("Content-Type", reply.text?.contentType ?? "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(body));
  response.end(response.req.method === "HEAD" ? undefined : body);
}
