import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { asJson, nanos, referenceTraces, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { ExportResponse, encodeRequest, RpcStatus } from "../../helpers/otlp-proto.ts";
import { type RawAnswer, send, type TestReceiverOptions } from "../../helpers/receiver.ts";
import { receiverPerTest } from "../../helpers/receiver-per-test.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";
import { zstdBomb, zstdFrame } from "../../helpers/zstd-frames.ts";

const MIB = 1024 * 1024;
const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };
const gzip = { "content-encoding": "gzip" };
const zstd = { "content-encoding": "zstd" };

const request = tracesRequest([{ kind: 2, startTimeUnixNano: nanos(NOW_MS - 5), endTimeUnixNano: nanos(NOW_MS) }]);
const protobuf = encodeRequest("traces", request);
const json = asJson(request);

const start = receiverPerTest();

function statusOf(answer: RawAnswer): unknown {
  return answer.headers["content-type"] === "application/json"
    ? JSON.parse(answer.body.toString())
    : RpcStatus.toObject(RpcStatus.decode(answer.body));
}

describe.each([
  ["protobuf", PROTOBUF, protobuf],
  ["JSON", JSON_TYPE, json],
])("in %s", (_name, type, body) => {
  it.each([
    ["as it is", body, {}],
    ["gzipped", gzipSync(body), gzip],
    ["deflated", deflateSync(body), { "content-encoding": "deflate" }],
    ["compressed by zstd", zstdFrame([{ type: "raw", bytes: body }]), zstd],
    [
      "in two zstd frames",
      Buffer.concat([body.subarray(0, 9), body.subarray(9)].map((bytes) => zstdFrame([{ type: "raw", bytes }]))),
      zstd,
    ],
    ["compressed by x-gzip", gzipSync(body), { "content-encoding": "x-gzip" }],
    ["with an encoding that changes nothing", body, { "content-encoding": "identity" }],
    ["with parameters on its type", body, { "content-type": `${type["content-type"]}; charset=utf-8` }],
  ])("a request %s is accepted and answered in its type", async (_how, payload, headers) => {
    const { url, batches } = await start();
    const answer = await send(`${url}/v1/traces?x=1`, { headers: { ...type, ...headers }, body: payload });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe(type["content-type"]);
    expect(answer.body.toString()).toBe(type === PROTOBUF ? "" : "{}");
    expect(batches()).toMatchObject([{ signal: "traces", recordCount: 1, receivedAtMs: NOW_MS }]);
    expect(batches()[0]?.batchId).toMatch(/^[0-9a-f]{64}$/);
  });

  it("a resent request has the same batch id, however it is compressed", async () => {
    const { url, batches } = await start();
    await send(`${url}/v1/traces`, { headers: type, body });
    await send(`${url}/v1/traces`, { headers: { ...type, ...gzip }, body: gzipSync(body) });
    const [first, second] = batches();
    expect(first?.batchId).toBe(second?.batchId);
  });

  it("a chunked request is accepted", async () => {
    const { url, batches } = await start();
    const chunks = Array.from(body, (byte) => Uint8Array.of(byte));
    const answer = await send(`${url}/v1/traces`, {
      headers: { ...type, "transfer-encoding": "chunked" },
      body: chunks,
    });
    expect(answer.status).toBe(200);
    expect(batches()).toHaveLength(1);
  });

  it("partly bad data is accepted with counts", async () => {
    const mixed = tracesRequest([
      { kind: 2, endTimeUnixNano: nanos(Date.UTC(1970, 5, 1)) },
      { kind: 2, endTimeUnixNano: nanos(Date.UTC(2100, 0, 1)) },
      { kind: 2, endTimeUnixNano: nanos(NOW_MS) },
    ]);
    const { url } = await start();
    const payload = type === PROTOBUF ? encodeRequest("traces", mixed) : asJson(mixed);
    const answer = await send(`${url}/v1/traces`, { headers: type, body: payload });
    expect(answer.status).toBe(200);
    const message =
      type === PROTOBUF
        ? ExportResponse.traces.toObject(ExportResponse.traces.decode(answer.body), { longs: String })
        : JSON.parse(answer.body.toString());
    expect(message).toEqual({
      partialSuccess: { rejectedSpans: "2", errorMessage: "1 too_old, 1 too_far_in_future" },
    });
  });

  const truncated = body.subarray(0, body.length - 2);
  const rows: [string, number, number, Parameters<typeof send>[1] & { path?: string }, TestReceiverOptions?][] = [
    ["an unknown path", 404, 5, { path: "/v1/profiles", headers: type, body }],
    ["the root", 404, 5, { path: "/", headers: type, body }],
    ["GET", 405, 12, { method: "GET", headers: type }],
    ["PUT", 405, 12, { method: "PUT", headers: type, body }],
    ["an unknown content encoding", 415, 3, { headers: { ...type, "content-encoding": "br" }, body }],
    ["a truncated body", 400, 3, { headers: type, body: truncated }],
    ["a body that is not gzip", 400, 3, { headers: { ...type, ...gzip }, body }],
    ["a gzip cut short", 400, 3, { headers: { ...type, ...gzip }, body: gzipSync(body).subarray(0, 30) }],
    ["random bytes", 400, 3, { headers: type, body: Uint8Array.of(0xff, 0xfe, 0x00, 0x01) }],
    ["no credentials", 401, 16, { headers: type, body }, { tokens: ["secret"] }],
    [
      "malformed credentials",
      401,
      16,
      { headers: { ...type, authorization: "Basic c2VjcmV0" }, body },
      { tokens: ["secret"] },
    ],
    [
      "a token that is not accepted",
      403,
      7,
      { headers: { ...type, authorization: "Bearer other" }, body },
      { tokens: ["secret"] },
    ],
    ["an encoding over another", 415, 3, { headers: { ...type, "content-encoding": "gzip, gzip" }, body }],
    ["an unknown encoding of another name", 415, 3, { headers: { ...type, "content-encoding": "snappy" }, body }],
    [
      "a zstd cut short",
      400,
      3,
      { headers: { ...type, ...zstd }, body: zstdFrame([{ type: "raw", bytes: body }]).subarray(0, 20) },
    ],
    ["a body that is not zstd", 400, 3, { headers: { ...type, ...zstd }, body }],
    [
      "a full queue",
      429,
      8,
      { headers: type, body },
      { maxQueuedJobs: 1, depth: async () => ({ waiting: 1, active: 0, delayed: 0, failed: 0 }) },
    ],
    ["a body over the limit", 413, 8, { headers: type, body: new Uint8Array(3_000) }, { maxBodyBytes: 2_000 }],
    [
      "a body over the limit after decompression",
      413,
      8,
      { headers: { ...type, ...gzip }, body: gzipSync(new Uint8Array(3_000)) },
      { maxBodyBytes: 2_000 },
    ],
    ["too many bytes in flight", 429, 8, { headers: type, body }, { maxInFlightBytes: 10 }],
    ["a queue that fails", 503, 14, { headers: type, body }, { add: () => Promise.reject(new Error("no disk")) }],
    [
      "a queue that does not answer",
      503,
      14,
      { headers: type, body },
      { add: () => new Promise(() => {}), timeouts: { queueMs: 20 } },
    ],
  ];

  it.each(rows)("%s is answered with %d", async (_what, httpStatus, rpcCode, {
    path = "/v1/traces",
    ...rest
  }, options) => {
    const { url, jobs } = await start(options);
    const answer = await send(url + path, rest);
    expect(answer.status).toBe(httpStatus);
    expect(answer.headers["content-type"]).toBe(type["content-type"]);
    expect(statusOf(answer)).toEqual({ code: rpcCode, message: expect.stringMatching(/\w/) });
    expect(answer.headers["retry-after"] !== undefined).toBe(httpStatus === 429 || httpStatus === 503);
    if (httpStatus === 405) expect(answer.headers.allow).toBe("POST");
    if (httpStatus === 415) expect(answer.headers["accept-encoding"]).toBe("identity, gzip, deflate, zstd");
    if (httpStatus === 401) expect(answer.headers["www-authenticate"]).toBe("Bearer");
    expect(jobs).toHaveLength(0);
  });

  it("the right credentials are accepted", async () => {
    const { url } = await start({ tokens: ["other", "secret"] });
    const answer = await send(`${url}/v1/traces`, { headers: { ...type, authorization: "Bearer secret" }, body });
    expect(answer.status).toBe(200);
  });
});

describe("empty requests", () => {
  it.each([
    ["an empty protobuf body", 200, PROTOBUF, new Uint8Array()],
    ["an empty JSON object", 200, JSON_TYPE, "{}"],
    ["an empty JSON body", 400, JSON_TYPE, ""],
    ["a gzipped empty protobuf body", 200, { ...PROTOBUF, ...gzip }, gzipSync("")],
  ])("%s is answered with %d and makes no job", async (_what, status, headers, body) => {
    const { url, jobs } = await start();
    for (const path of ["traces", "logs", "metrics"]) {
      expect((await send(`${url}/v1/${path}`, { headers, body })).status).toBe(status);
    }
    expect(jobs).toHaveLength(0);
  });
});

describe("an unknown content type", () => {
  it.each([["text/plain"], ["application/grpc"], [undefined]])("%s is answered with 415 in JSON", async (type) => {
    const { url } = await start();
    const answer = await send(`${url}/v1/logs`, {
      headers: type === undefined ? {} : { "content-type": type },
      body: "x",
    });
    expect(answer.status).toBe(415);
    expect(statusOf(answer)).toMatchObject({ code: 3 });
  });

  it("answers HEAD without a body", async () => {
    const { url } = await start();
    const answer = await send(`${url}/v1/traces`, { method: "HEAD" });
    expect(answer.status).toBe(405);
    expect(answer.body).toHaveLength(0);
  });
});

describe("hostile senders", () => {
  it.each<[string, () => Uint8Array]>([
    ["gzip", () => gzipSync(new Uint8Array(128 * MIB))],
    ["deflate", () => deflateSync(new Uint8Array(128 * MIB))],
    ["zstd", () => zstdBomb(1_024)],
  ])("a bomb in %s is answered with 413 and costs what the limit allows", async (encoding, makeBomb) => {
    const body = makeBomb();
    const headers = { ...PROTOBUF, "content-encoding": encoding };
    const { url } = await start({ maxBodyBytes: MIB });
    const before = process.memoryUsage().rss;
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(`${url}/v1/traces`, { headers, body })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(413));
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });

  it("a body of brackets is refused before it is parsed", async () => {
    const { url } = await start();
    const answer = await send(`${url}/v1/traces`, { headers: JSON_TYPE, body: "[".repeat(20_000_000) });
    expect(answer.status).toBe(400);
  });

  it("a million service names are counted, most of them together", async () => {
    // one resource with a name of seven digits, and one empty span
    const name = Buffer.from("0000000");
    const attribute = Buffer.from([0x0a, 12, ...Buffer.from("service.name"), 0x12, 9, 0x0a, 7, ...name]);
    const resource = [0x0a, attribute.length + 2, 0x0a, attribute.length, ...attribute];
    const entry = Buffer.from([0x0a, resource.length + 4, ...resource, 0x12, 2, 0x12, 0]);
    const nameAt = entry.indexOf(name);
    const body = Buffer.alloc(1_000_000 * entry.length, entry);
    for (let index = 0; index < 1_000_000; index += 1) {
      body.write(String(index).padStart(7, "0"), index * entry.length + nameAt, "latin1");
    }
    const { url, batches } = await start();
    const answer = await send(`${url}/v1/traces`, { headers: PROTOBUF, body });
    expect(answer.status).toBe(200);
    const message = ExportResponse.traces.toObject(ExportResponse.traces.decode(answer.body), { longs: String });
    expect(message).toEqual({ partialSuccess: { errorMessage: expect.stringContaining("_OTHER") } });
    expect(batches()[0]?.recordCount).toBe(1_000_000);
    expect(batches()[0]?.windows).toHaveLength(1_001);
  });
});

describe("load", () => {
  it("coalesces what arrives together and acknowledges every request", async () => {
    const { url, jobs, batches } = await start();
    const payloads = Array.from(
      { length: 24 },
      (_, seed) => referenceTraces({ seed, spanCount: 20, untilMs: NOW_MS }).protobuf,
    );
    const answers = await Promise.all(payloads.map((body) => send(`${url}/v1/traces`, { headers: PROTOBUF, body })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(batches()).toHaveLength(24);
    expect(jobs.length).toBeLessThan(24);
  });

  it("finishes what is in flight when it is stopped", async () => {
    let release: () => void = () => {};
    const jobs: unknown[] = [];
    const test = await start({
      add: (job) =>
        new Promise((resolve) => {
          release = () => {
            jobs.push(job);
            resolve({ id: "1" });
          };
        }),
    });
    const answer = send(`${test.url}/v1/traces`, { headers: PROTOBUF, body: protobuf });
    await sleep(50);
    const stopped = test.stop();
    await sleep(20);
    release();
    expect((await answer).status).toBe(200);
    await stopped;
    expect(jobs).toHaveLength(1);
  });
});
