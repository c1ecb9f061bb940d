import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineRoute } from "../../../services/inference/http/route.ts";
import { problemSchema } from "../../../services/inference/http/schemas.ts";
import { openApiDocument, problemStatuses } from "../../../services/inference/operations/openapi.ts";
import { ERROR_CATALOGUE, type ErrorCode, HarbingerError } from "../../../services/platform/errors.ts";
import { describeProblem } from "../../../services/platform/http/problem-details.ts";

const route = defineRoute({
  method: "post",
  path: "/things/{id}",
  operationId: "makeThing",
  tag: "things",
  summary: "Make a thing",
  params: z.object({ id: z.string() }),
  body: z.strictObject({ size: z.int() }),
  problems: [404, 409],
  responses: { 200: { description: "Made", schema: z.object({ id: z.string() }) } },
  handle: async ({ params, body }) => ({ status: 200, json: { id: `${params.id}${body.size}` } }),
});

describe("problems", () => {
  it.each<[ErrorCode, number]>([
    ["UNDECODABLE", 400],
    ["UNAUTHENTICATED", 401],
    ["FORBIDDEN", 403],
    ["NOT_FOUND", 404],
    ["METHOD_NOT_ALLOWED", 405],
    ["CONFLICT", 409],
    ["TOO_LARGE", 413],
    ["UNSUPPORTED_MEDIA_TYPE", 415],
    ["INVALID_INPUT", 422],
    ["INVALID_CONFIG", 422],
    ["OVERLOADED", 429],
    ["BUG", 500],
    ["SHAPE_MISMATCH", 500],
    ["ARTIFACT_CORRUPT", 500],
    ["UNAVAILABLE", 503],
    ["MODEL_NOT_READY", 503],
  ])("%s is %i, in the published shape", (code, status) => {
    const problem = describeProblem(new HarbingerError(code, "what happened", { details: { hint: "a hint" } }), "id");
    expect(problem.status).toBe(status);
    expect(problemSchema.parse(problem)).toEqual(problem);
  });

  it("of every code are in that table", () => {
    expect(Object.keys(ERROR_CATALOGUE)).toHaveLength(16);
  });

  it("are published for a call by what it takes", () => {
    expect(problemStatuses(route)).toEqual([400, 401, 404, 409, 413, 415, 422, 503]);
    const document = openApiDocument([route], "1");
    const published = document.paths?.["/things/{id}"]?.post?.responses ?? {};
    expect(Object.keys(published)).toEqual(["200", "400", "401", "404", "409", "413", "415", "422", "503"]);
    expect(published["404"]).toMatchObject({ description: "Not found" });
  });
});
