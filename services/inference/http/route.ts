/** One call of the API as a value: the Express mount, the validation and the OpenAPI document are all made of it, so none of them
 *  can say something that the others do not. */
import type { z } from "zod";

interface RouteResponse {
  description: string;
  /** absent: no body, or not JSON */
  schema?: z.ZodType;
  contentType?: string;
  headers?: Record<string, string>;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** a JSON body; without `json` and `text` there is no body */
  json?: unknown;
  text?: { body: string; contentType: string };
}

type HttpMethod = "get" | "post" | "put" | "delete";

interface RouteInput<Params, Query, Body, Headers> {
  params: Params;
  query: Query;
  body: Body;
  headers: Headers;
}

export interface Route {
  method: HttpMethod;
  /** OpenAPI template, e.g. `/feedback/{id}` */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  /** open routes need no token even when tokens are set */
  open: boolean;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** names in lower case; other headers are ignored */
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** successes; problems are added from the problem table by `problems` */
  responses: Record<number, RouteResponse>;
  /** statuses of problems that this call can answer beside those that every call can */
  problems: readonly number[];
  handle(input: RouteInput<unknown, unknown, unknown, unknown>): Promise<Reply>;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

type RouteSpec<P, Q, B, H> = Omit<Route, "params" | "query" | "body" | "headers" | "handle" | "open" | "problems"> & {
  open?: boolean;
  problems?: readonly number[];
  params?: P & z.ZodObject;
  query?: Q & z.ZodObject;
  body?: B & z.ZodType;
  headers?: H & z.ZodObject;
  handle(input: RouteInput<Output<P>, Output<Q>, Output<B>, Output<H>>): Promise<Reply>;
};

/** Ties the handler's types to the schemas; the mount hands it only what those schemas accepted. */
export function defineRoute<P = undefined, Q = undefined, B = undefined, H = undefined>(
  spec: RouteSpec<P, Q, B, H>,
): Route {
  // The one place where the handler's input type is forgotten: `mountRoutes` parses every part with this route's own schema.
  return { open: false, problems: [], ...spec } as unknown as Route;
}

export const ok = (json: unknown): Reply => ({ status: 200, json });
