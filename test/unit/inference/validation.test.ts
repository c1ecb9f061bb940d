import { describe, expect, it } from "vitest";
import { z } from "zod";
import { feedbackRequestSchema } from "../../../services/inference/feedback/feedback-schemas.ts";
import { parseJson, validate } from "../../../services/inference/http/validation.ts";
import { predictRequestSchema } from "../../../services/inference/predict/predict-schemas.ts";
import { HarbingerError } from "../../../services/platform/errors.ts";

function problemsOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (error instanceof HarbingerError) return { code: error.code, errors: error.details.errors };
    throw error;
  }
  return "nothing was thrown";
}

describe("validation of a request", () => {
  it("names an unknown field by its place", () => {
    expect(problemsOf(() => validate(predictRequestSchema, { service: "checkout", horizonz: ["5m"] }, "body"))).toEqual(
      {
        code: "INVALID_INPUT",
        errors: [{ path: "body.horizonz", message: "unknown field" }],
      },
    );
  });

  it("names a bad item inside a batch by its index", () => {
    const body = { requests: [{ service: "a" }, { service: "b", horizons: ["soon"] }] };
    expect(problemsOf(() => validate(predictRequestSchema, body, "body"))).toMatchObject({
      errors: [{ path: "body.requests[1].horizons[0]" }],
    });
  });

  it("refuses numbers that are not finite", () => {
    const body = { service: "a", at: Number.NaN };
    expect(problemsOf(() => validate(predictRequestSchema, body, "body"))).toMatchObject({
      errors: [{ path: "body.at" }],
    });
    expect(
      problemsOf(() => validate(predictRequestSchema, parseJson('{"service":"a","at":1e999}'), "body")),
    ).toMatchObject({
      errors: [{ path: "body.at" }],
    });
  });

  it("refuses a __proto__ key wherever it stands and however it is spelled", () => {
    const refused = {
      code: "INVALID_INPUT",
      errors: [{ path: "body.a[0].__proto__", message: "this key is not allowed" }],
    };
    expect(problemsOf(() => parseJson('{"a":[{"__proto__":{"admin":true}}]}'))).toEqual(refused);
    expect(problemsOf(() => parseJson('{"a":[{"\\u005f_proto__":{"admin":true}}]}'))).toEqual(refused);
    expect(parseJson('{"a":"__proto__"}')).toEqual({ a: "__proto__" });
  });

  it("answers UNDECODABLE for what is not JSON", () => {
    for (const text of ["", "{", "NaN", "{'a':1}", "[1,]", "\u0000"]) {
      expect(problemsOf(() => parseJson(text))).toMatchObject({ code: "UNDECODABLE" });
    }
  });

  it("reports at most 20 places", () => {
    const body = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`field${index}`, 1]));
    const problem = problemsOf(() => validate(z.strictObject({}), body, "body"));
    expect(problem).toMatchObject({ errors: expect.any(Array) });
    expect((problem as { errors: unknown[] }).errors).toHaveLength(20);
  });

  it("takes a prediction to be judged by an outcome and an error by a class", () => {
    const id = "00000000-0000-4000-8000-000000000000";
    const wrong = { target: { predictionId: id }, label: { class: "timeout" } };
    expect(problemsOf(() => validate(feedbackRequestSchema, wrong, "body"))).toMatchObject({
      errors: [{ path: "body.label" }],
    });
    const right = { target: { predictionId: id }, label: { outcome: "mitigated" } };
    expect(validate(feedbackRequestSchema, right, "body")).toEqual(right);
  });

  it("refuses text that no database stores", () => {
    const body = { target: { fingerprint: "v1:abc" }, label: { class: "timeout" }, comment: "a\u0000b" };
    expect(problemsOf(() => validate(feedbackRequestSchema, body, "body"))).toMatchObject({
      errors: [{ path: "body.comment" }],
    });
  });
});
