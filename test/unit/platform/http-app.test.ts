import { createServer, type Server } from "node:http";
import { Writable } from "node:stream";
import express from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../../services/platform/config/secret.ts";
import { HarbingerError } from "../../../services/platform/errors.ts";
import { createBearerGuard } from "../../../services/platform/http/bearer-guard.ts";
import { createHttpApp } from "../../../services/platform/http/http-app.ts";
import { createProblemWriter } from "../../../services/platform/http/problem-details.ts";
import { createLogger } from "../../../services/platform/logger.ts";

const lines: string[] = [];
const logger = createLogger({
  level: "warn",
  serviceName: "test",
  destination: new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  }),
});

describe("an application of the http kit", () => {
  let server: Server;
  let base: string;

  beforeAll(async () => {
    let ids = 0;
    const newId = () => `id-${++ids}`;
    const guard = createBearerGuard([new Secret("token-a"), new Secret("token-b")]);
    const app = createHttpApp({
      newId,
      writeProblem: createProblemWriter(logger, newId),
      mount: (routes) => {
        routes.post("/echo", express.json({ limit: 100 }), (request, response) => {
          response.json(request.body);
        });
        routes.get("/guarded", (request, response) => {
          guard(request.get("authorization"));
          response.json({ ok: true });
        });
        routes.get("/things/:id", (request, response) => {
          response.json({ id: request.params.id });
        });
        routes.get("/bug", async () => {
          throw new TypeError("the insides");
        });
        routes.get("/outage", async () => {
          throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
        });
        routes.get("/busy", () => {
          throw new HarbingerError("OVERLOADED", "come back later", { details: { retryAfterSeconds: 7 } });
        });
      },
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
    fetch(`${base}/echo`, { method: "POST", body, headers });

  test.each([
    ["JSON that is cut off", '{"a":', 400, "UNDECODABLE"],
    ["a body above the limit", JSON.stringify({ a: "x".repeat(200) }), 413, "TOO_LARGE"],
  ])("%s is a problem of its own", async (_case, body, status, code) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ status, code });
  });

  test("an encoding that nobody reads is 415", async () => {
    const response = await post("{}", { "content-type": "application/json", "content-encoding": "snappy" });
    expect(response.status).toBe(415);
  });

  test("a path that does not exist is 404, a method that it does not answer is 405 with the ones it does", async () => {
    expect((await fetch(`${base}/nowhere`)).status).toBe(404);
    const response = await fetch(`${base}/echo`, { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("a path that cannot be decoded is 400", async () => {
    expect((await fetch(`${base}/things/%E0%A4%A`)).status).toBe(400);
  });

  test("an exception is 500 with an id that the log has too, and says nothing else", async () => {
    lines.length = 0;
    const response = await fetch(`${base}/bug`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain("the insides");
    const { instance } = JSON.parse(text) as { instance: string };
    expect(lines.join("")).toContain(instance.replace("urn:uuid:", ""));
    expect(lines.join("")).toContain("the insides");
  });

  test("an outage of the store is 503 and says when to come back", async () => {
    const response = await fetch(`${base}/outage`);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("overload is 429 with the delay that the error names", async () => {
    const response = await fetch(`${base}/busy`);
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("7");
  });

  test.each([
    [undefined, 401],
    ["Bearer wrong", 401],
    ["Basic token-a", 401],
    ["Bearer token-a", 200],
    ["bearer token-b", 200],
  ])("credentials %j are answered %d", async (authorization, status) => {
    const response = await fetch(`${base}/guarded`, authorization === undefined ? {} : { headers: { authorization } });
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test("without any token everyone is let in", () => {
    expect(createBearerGuard([])(undefined)).toBeUndefined();
  });

  test("a plain request id is kept, a strange one is replaced", async () => {
    const kept = await fetch(`${base}/nowhere`, { headers: { "x-request-id": "abc-1" } });
    expect(kept.headers.get("x-request-id")).toBe("abc-1");
    const replaced = await fetch(`${base}/nowhere`, { headers: { "x-request-id": 'a"b c' } });
    expect(replaced.headers.get("x-request-id")).toMatch(/^id-\d+$/);
  });

  test("says nothing about what it runs on", async () => {
    const { headers } = await fetch(`${base}/nowhere`);
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});
