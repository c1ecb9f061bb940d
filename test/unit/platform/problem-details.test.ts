import { describe, expect, test } from "vitest";
import { ERROR_CATALOGUE, type ErrorCode, HarbingerError } from "../../../services/platform/errors.ts";
import { describeProblem, HTTP_MEANING } from "../../../services/platform/http/problem-details.ts";

describe("what each kind of error means over HTTP", () => {
  const expected: Record<keyof typeof HTTP_MEANING, number> = {
    malformed: 400,
    invalid_input: 422,
    unauthenticated: 401,
    forbidden: 403,
    not_found: 404,
    method_not_allowed: 405,
    conflict: 409,
    too_large: 413,
    unsupported_media_type: 415,
    overloaded: 429,
    unavailable: 503,
    bug: 500,
  };

  test.each(Object.entries(expected))("%s is %d", (kind, status) => {
    expect(HTTP_MEANING[kind as keyof typeof HTTP_MEANING].status).toBe(status);
  });

  test("the table has no other rows, and every code of the catalogue is in it", () => {
    expect(Object.keys(HTTP_MEANING).sort()).toEqual(Object.keys(expected).sort());
    for (const { kind } of Object.values(ERROR_CATALOGUE)) expect(HTTP_MEANING[kind]).toBeDefined();
  });

  test.each(Object.entries(ERROR_CATALOGUE))("%s says when to come back exactly if it is retryable", (_code, {
    kind,
    retryable,
  }) => {
    expect(HTTP_MEANING[kind].retryAfterSeconds !== undefined).toBe(retryable);
  });
});

describe("describeProblem", () => {
  test("carries the members of RFC 9457, the code and the details", () => {
    const error = new HarbingerError("INVALID_INPUT", "body.service: required", {
      details: { errors: [{ path: "body.service" }] },
    });
    expect(describeProblem(error, "id-1")).toEqual({
      type: "urn:harbinger:problem:invalid-input",
      title: "The request is not valid",
      status: 422,
      detail: "body.service: required",
      instance: "urn:uuid:id-1",
      code: "INVALID_INPUT",
      errors: [{ path: "body.service" }],
    });
  });

  test("details cannot overwrite the standard members", () => {
    const error = new HarbingerError("NOT_FOUND", "no such service", {
      details: { status: 200, type: "x", code: "y" },
    });
    expect(describeProblem(error, "id")).toMatchObject({
      status: 404,
      code: "NOT_FOUND",
      type: "urn:harbinger:problem:not-found",
    });
  });

  test.each(
    (Object.keys(ERROR_CATALOGUE) as ErrorCode[]).filter((code) => ERROR_CATALOGUE[code].kind === "bug"),
  )("%s tells the caller an id and nothing of what happened", (code) => {
    const error = new HarbingerError(code, "secret insides", { details: { row: "secret" } });
    const problem = describeProblem(error, "id-2");
    expect(JSON.stringify(problem)).not.toContain("secret");
    expect(problem.detail).toContain("id-2");
  });
});
