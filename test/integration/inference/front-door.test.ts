import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toExpressPath } from "../../../services/inference/http/mount.ts";
import { problemSchema } from "../../../services/inference/http/schemas.ts";
import { startTestApi, type TestApi } from "./start-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

const send = (method: string, path: string, init: RequestInit = {}) => fetch(`${api.url}${path}`, { ...init, method });
const json = { "content-type": "application/json" };

describe("bad input", () => {
  it.each([
    ["no content type", { body: '{"service":"a"}' }, 415],
    ["another content type", { headers: { "content-type": "text/plain" }, body: '{"service":"a"}' }, 415],
    ["an unknown encoding", { headers: { ...json, "content-encoding": "zebra" }, body: "{}" }, 415],
    ["an empty body", { headers: json, body: "" }, 400],
    ["no JSON", { headers: json, body: "{service: a}" }, 400],
    ["NaN", { headers: json, body: '{"service":"a","at":NaN}' }, 400],
    ["a number too large to be one", { headers: json, body: '{"service":"a","at":1e999}' }, 422],
    ["null", { headers: json, body: "null" }, 422],
    ["a list", { headers: json, body: "[]" }, 422],
    ["no service", { headers: json, body: "{}" }, 422],
    ["an unknown field", { headers: json, body: '{"service":"a","horizonz":["5m"]}' }, 422],
    ["a hostile key", { headers: json, body: '{"service":"a","__proto__":{"explain":false}}' }, 422],
    ["a hostile key inside", { headers: json, body: '{"service":{"name":"a","constructor":{"prototype":1}}}' }, 422],
    ["a NUL in a name", { headers: json, body: '{"service":"a\\u0000b"}' }, 422],
    ["a million brackets", { headers: json, body: "[".repeat(1_000_000) }, 400],
    ["more than is taken", { headers: json, body: `{"service":"${"a".repeat(9 * 1024 * 1024)}"}` }, 413],
    [
      "a small bomb",
      { headers: { ...json, "content-encoding": "gzip" }, body: gzipSync(" ".repeat(64 * 1024 * 1024)) },
      413,
    ],
    ["broken gzip", { headers: { ...json, "content-encoding": "gzip" }, body: "not gzip" }, 400],
  ])("%s is answered as documented", async (_name, init, status) => {
    const response = await send("POST", "/predict", init);
    const problem = problemSchema.parse(await response.json());
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect([response.status, problem.status]).toEqual([status, status]);
    expect((await send("GET", "/healthz")).status).toBe(200);
  });

  it("an unknown address is 404, a wrong method 405 with Allow", async () => {
    expect((await api.get("/nothing/here")).status).toBe(404);
    const wrong = await send("DELETE", "/predict");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await send("PATCH", "/feedback/queue")).status).toBe(405);
    expect((await api.get("/services/%E0%A4%A/windows")).status).toBe(400);
    expect((await api.get("/services/%00/windows")).status).toBe(422);
    expect((await api.get("/healthz?x=1")).status).toBe(422);
  });

  it("gzip is understood", async () => {
    const body = gzipSync(JSON.stringify({ service: "a" }));
    const response = await send("POST", "/predict", { headers: { ...json, "content-encoding": "gzip" }, body });
    expect(response.status).toBe(200);
  });
});

describe("the OpenAPI document", () => {
  interface Operation {
    operationId: string;
    responses: Record<string, unknown>;
  }
  interface Document {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, unknown> };
  }
  // Made by the code under test; what the tests rely on, they check.
  const document = async () => (await (await send("GET", "/openapi.json")).json()) as Document;

  it("describes exactly the calls that are mounted", async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe("3.1.0");
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(api.routes.map(({ method, path }) => `${method} ${path}`).sort());
    for (const { method, path } of api.routes) {
      const address = toExpressPath(path).replaceAll(/:\w+/g, "00000000-0000-4000-8000-000000000000");
      const { status } = await send(method.toUpperCase(), address);
      expect([404, 405].includes(status) && !path.includes("{"), `${method} ${path} is mounted`).toBe(false);
      expect(status, `${method} ${path} is mounted`).not.toBe(405);
    }
  });

  it("has unique operations, resolvable references and a published problem for what can go wrong", async () => {
    const { paths, components } = await document();
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, name] of JSON.stringify(paths).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(components.schemas).toHaveProperty(name ?? "");
    }
    expect(Object.keys(paths["/predict"]?.post?.responses ?? {})).toEqual(
      expect.arrayContaining(["200", "400", "401", "413", "415", "422", "503"]),
    );
    expect(JSON.stringify(paths)).not.toContain("undefined");
  });

  it("is shown by /docs without the internet", async () => {
    const page = await (await send("GET", "/docs/")).text();
    expect(page).toContain("swagger-ui");
    const sources = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? "");
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      expect((await fetch(new URL(source, `${api.url}/docs/`))).status).toBe(200);
    }
  });
});

describe("operations", () => {
  it("say that the process lives and can work, and what it measured", async () => {
    expect((await api.get("/healthz")).json).toEqual({ status: "ok" });
    expect((await api.get("/readyz")).json.ready).toBe(true);
    await api.post("/predict", { service: "a" });
    const { text } = await api.get("/metrics");
    expect(text).toContain("harbinger_predict_duration_bucket");
    expect(text).toMatch(/harbinger_predictions(_total)?\{[^}]*harbinger_step="prior"/);
  });
});

describe("tokens", () => {
  it("are asked for by every call but health, readiness and the document", async () => {
    const closed = await startTestApi({ HARBINGER_API_TOKENS: "correct-horse,battery-staple" });
    try {
      const statusOf = async (path: string, token?: string) =>
        (
          await fetch(
            `${closed.url}${path}`,
            token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
          )
        ).status;
      for (const path of ["/healthz", "/readyz", "/openapi.json"]) expect(await statusOf(path)).toBe(200);
      for (const path of ["/services", "/metrics", "/models"]) {
        expect(await statusOf(path)).toBe(401);
        expect(await statusOf(path, "wrong")).toBe(401);
        expect(await statusOf(path, "battery-staple")).toBe(200);
      }
      const response = await fetch(`${closed.url}/services`);
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
    } finally {
      await closed.stop();
    }
  });
});
