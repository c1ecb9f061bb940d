/** RFC 9457 problem details from errors: the one table that says what each kind means over HTTP. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NewId } from "../clock.ts";
import { type ErrorKind, HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { asHarbingerError } from "../store/outage.ts";

export interface HttpMeaning {
  status: number;
  title: string;
  /** seconds after which another attempt makes sense, when the error does not say */
  retryAfterSeconds?: number;
}

export const HTTP_MEANING: Readonly<Record<ErrorKind, HttpMeaning>> = {
  malformed: { status: 400, title: "The request cannot be decoded" },
  invalid_input: { status: 422, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "Credentials are missing or wrong" },
  forbidden: { status: 403, title: "Not allowed" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "The address does not answer this method" },
  conflict: { status: 409, title: "In conflict with what is there" },
  too_large: { status: 413, title: "The request is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  overloaded: { status: 429, title: "Too many requests", retryAfterSeconds: 1 },
  unavailable: { status: 503, title: "Not available at the moment", retryAfterSeconds: 5 },
  bug: { status: 500, title: "An error of ours" },
};

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** for those who report it and those who look it up in the log */
  instance: string;
  code: string;
  [extension: string]: unknown;
}

/** @param id of this occurrence */
export function describeProblem(error: HarbingerError, id: string): Problem {
  const { status, title } = HTTP_MEANING[error.kind];
  return {
    // What goes wrong inside is for the log: messages of bugs may quote data.
    ...(error.kind === "bug" ? {} : error.details),
    type: `urn:harbinger:problem:${error.code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    detail: error.kind === "bug" ? `The error was logged with the id ${id}.` : error.message,
    instance: `urn:uuid:${id}`,
    code: error.code,
  };
}

export type WriteProblem = (error: unknown, request: IncomingMessage, response: ServerResponse) => void;

/** @returns a function that answers a request with the problem an error means. A bug is logged with the id that the caller sees; an
 *  outage is logged as a warning; the caller's own mistakes are not logged. */
export function createProblemWriter(logger: Logger, newId: NewId): WriteProblem {
  return (thrown, request, response) => {
    const error = fromHttpError(thrown) ?? asHarbingerError(thrown);
    const id = newId();
    const where = { errorId: id, method: request.method, path: request.url?.split("?", 1)[0]?.slice(0, 256) };
    if (error.kind === "bug") logger.error({ ...where, err: error }, "a request failed through an error of ours");
    else if (error.retryable)
      logger.warn({ ...where, code: error.code, reason: error.message }, "a request was turned away");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem = describeProblem(error, id);
    const body = JSON.stringify(problem);
    response.statusCode = problem.status;
    response.setHeader("Content-Type", "application/problem+json; charset=utf-8");
    response.setHeader("Content-Length", Buffer.byteLength(body));
    response.setHeader("Cache-Control", "no-store");
    const retryAfter = retryAfterSeconds(error);
    if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
    if (problem.status === 401) response.setHeader("WWW-Authenticate", 'Bearer realm="harbinger"');
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

function retryAfterSeconds(error: HarbingerError): number | undefined {
  const own = error.details.retryAfterSeconds;
  if (typeof own === "number" && own >= 0) return Math.ceil(own);
  return HTTP_MEANING[error.kind].retryAfterSeconds;
}

/** The errors of Express and its body parsers (npm `http-errors`): an object with a 4xx status and often a `type`. */
function fromHttpError(thrown: unknown): HarbingerError | undefined {
  if (thrown instanceof HarbingerError || !(thrown instanceof Error) || !("status" in thrown)) return undefined;
  const code = CODE_OF_STATUS[Number(thrown.status)];
  if (code === undefined) return undefined;
  const type = "type" in thrown ? thrown.type : undefined;
  const message = type === "entity.parse.failed" ? "the body is not valid JSON" : thrown.message;
  return new HarbingerError(code, message, { cause: thrown });
}

const CODE_OF_STATUS: Readonly<Record<number, "UNDECODABLE" | "TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE">> = {
  400: "UNDECODABLE",
  413: "TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
};
