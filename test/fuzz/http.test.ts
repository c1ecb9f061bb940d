/** Whatever is posted, to whatever path, under whatever headers, is answered by the documented table, and a refusal says so in the
 *  request's encoding. */
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CONTENT_TYPES } from "../../models/telemetry/export-response.ts";
import type { Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../models/telemetry/summarise.ts";
import { ExportResponse, RpcStatus } from "../helpers/otlp-proto.ts";
import { type RawAnswer, send, startTestReceiver, type TestReceiver } from "../helpers/receiver.ts";
import { SIGNALS } from "../helpers/recorded-exports.ts";
import { options } from "../helpers/summarise-options.ts";
import { createCorpus } from "./corpus.ts";
import { createMemoryWatch } from "./memory-watch.ts";
import { below, byteMutations, concat, oneOf, type Random } from "./mutate-bytes.ts";
import { createMutator } from "./mutator.ts";
import { createTally, inputs, randomOf, seed } from "./plan.ts";

/** some samples are larger */
const MAX_BODY_BYTES = 8 * 1024;
const CONCURRENCY = 8;

/** google.rpc.Code by HTTP status, of what a sender can cause */
const CODES: Readonly<Record<number, number>> = { 400: 3, 404: 5, 405: 12, 413: 8, 415: 3 };

const BAD_TYPES = [
  "text/plain",
  "application/json; charset=utf-16",
  "application/jsonp",
  "application/grpc",
  "application",
  ";",
  "multipart/form-data; boundary=x",
  "x".repeat(4_000),
];
const TYPES: Readonly<Record<Encoding, readonly string[]>> = {
  json: [
    CONTENT_TYPES.json,
    "application/json; charset=utf-8",
    "APPLICATION/JSON ;charset=UTF-8",
    "application/json;;",
  ],
  protobuf: [CONTENT_TYPES.protobuf, "application/x-protobuf; messageType=x", "Application/X-Protobuf"],
};
const BAD_PATHS = [
  "/",
  "/v1",
  "/v1/trace",
  "/v1/traces/",
  "//v1/traces",
  "/V1/TRACES",
  "/v1/%74races",
  "/v1/profiles",
  "/../etc/passwd",
];
const BAD_METHODS = ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PROPFIND"];
const BAD_COMPRESSIONS = ["br", "gzip, gzip", "x", "compress", "g".repeat(2_000)];

interface Posted {
  path: string;
  method: string;
  headers: Record<string, string>;
  body: Uint8Array;
  signal: Signal;
  /** null: the type is none of OTLP's */
  encoding: Encoding | null;
  /** what the body says; null when only the receiver can know whether it can be read */
  content: Uint8Array | null;
  /** the status when it does not depend on the body */
  status: number | null;
  how: string;
}

function createPoster(random: Random): () => Posted {
  const next = createMutator(createCorpus(), random);
  return () => {
    const input = next();
    const { signal } = input;
    let encoding: Encoding | null = input.encoding;
    const posted: Posted = {
      path: `/v1/${signal}${oneOf(random, ["", "", "?", "?a=1", "#x"])}`,
      method: "POST",
      headers: { "content-type": oneOf(random, TYPES[input.encoding]) },
      signal,
      encoding,
      status: null,
      how: [input.name, ...input.how].join(", "),
      ...compress(input.body, random),
    };
    Object.assign(posted.headers, posted.headers, compressionHeader(posted));
    const wrong = random();
    if (wrong < 0.06) Object.assign(posted, { path: oneOf(random, BAD_PATHS), status: 404 });
    else if (wrong < 0.12) Object.assign(posted, { method: oneOf(random, BAD_METHODS), status: 405 });
    else if (wrong < 0.18) {
      encoding = null;
      posted.headers["content-type"] = oneOf(random, BAD_TYPES);
      Object.assign(posted, { encoding, status: 415 });
    } else if (wrong < 0.24) {
      posted.headers["content-encoding"] = oneOf(random, BAD_COMPRESSIONS);
      posted.status = 415;
    }
    // Node's client gives a body of GET no length by itself
    if (random() < 0.9) posted.headers["content-length"] = String(posted.body.length);
    else posted.headers["transfer-encoding"] = "chunked";
    if (random() < 0.05) posted.headers[`x-${"y".repeat(below(random, 50))}`] = "z".repeat(below(random, 5_000));
    return posted;
  };
}

const PACKERS: [string, (plain: Uint8Array) => Uint8Array][] = [
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["zstd", zstdStored],
  ["identity", (plain) => plain],
];

type Compressed = Pick<Posted, "body" | "content"> & { compression: string };

function compress(body: Uint8Array, random: Random): Compressed {
  const choice = random();
  if (choice < 0.4) return { body, content: body, compression: "" };
  const [compression, pack] = oneOf(random, PACKERS);
  const packed = pack(body);
  if (choice < 0.7 || compression === "identity") return { body: packed, content: body, compression };
  if (choice < 0.75) return { body: deflateRawSync(body), content: null, compression };
  // damaged after compression: what comes out, if anything, is known only where zlib says so too
  const damaged = oneOf(random, Object.values(byteMutations))(packed, body, random);
  return { body: damaged, content: null, compression };
}

function compressionHeader(posted: Posted & Partial<Compressed>): Record<string, string> {
  return posted.compression ? { "content-encoding": posted.compression } : {};
}

/** A zstd frame of stored blocks: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1 */
function zstdStored(content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(0xfd2fb528, 0);
  // one segment, its size in four bytes
  header.writeUInt8(0xa0, 4);
  header.writeUInt32LE(content.length, 5);
  const block = Buffer.alloc(4);
  block.writeUInt32LE((content.length << 3) | 1, 0);
  return concat(header, block.subarray(0, 3), content);
}

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startTestReceiver({
    maxBodyBytes: MAX_BODY_BYTES,
    maxInFlightBytes: 4 * MAX_BODY_BYTES * CONCURRENCY,
  });
});
afterAll(() => receiver.stop());

const memory = createMemoryWatch();
afterAll(memory.print);

it("every request is answered by the table", async () => {
  const next = createPoster(randomOf("http"));
  const tally = createTally("HTTP requests");
  const count = inputs(0.12);
  let index = 0;
  async function postOnes(): Promise<void> {
    while (index < count) {
      const at = index;
      index += 1;
      if (at === count >> 1) memory.start();
      const posted = next();
      const { path, method, headers, body } = posted;
      const request = { method, headers, body };
      const answer = await send(receiver.url + path, request).catch(String);
      const wrong = typeof answer === "string" ? `no answer: ${answer}` : wrongInAnswer(answer, posted);
      if (wrong !== null) {
        expect.fail(
          `${wrong}\nseed ${seed}, input ${at} (${posted.how})\n${method} ${path} ${JSON.stringify(headers)}\nbase64: ${Buffer.from(body).toString("base64")}`,
        );
      }
      tally.add(typeof answer === "string" ? answer : String(answer.status));
      // the batches were looked at by decode.test.ts; here they would be kept for nothing
      receiver.jobs.length = 0;
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, postOnes));
  tally.print();
  memory.check();
  for (const status of ["200", "400", "404", "405", "413", "415"]) expect(tally.counts.get(status)).toBeGreaterThan(0);
});

it("what is accepted is on the queue as it was sent", async () => {
  const next = createMutator(createCorpus(), randomOf("queued"));
  const count = inputs(0.02);
  for (let index = 0; index < count; index += 1) {
    receiver.jobs.length = 0;
    const { signal, encoding, body } = next();
    const answer = await send(`${receiver.url}/v1/${signal}`, {
      headers: { "content-type": CONTENT_TYPES[encoding] },
      body,
    });
    const expected = body.length > MAX_BODY_BYTES ? null : readOrNull(signal, encoding, body);
    expect([200, 400, 413]).toContain(answer.status);
    expect(answer.status === 200).toBe(expected !== null);
    const queued =
      expected === null || expected.recordCount === 0 ? [] : [{ ...expected, batchId: expect.any(String) }];
    expect(receiver.batches()).toEqual(queued);
  }
});

it("gives back every byte that it took, however a request ended", async () => {
  const body = new Uint8Array(MAX_BODY_BYTES).fill(0x20);
  const all = Array.from({ length: 4 * CONCURRENCY }, () =>
    send(`${receiver.url}/v1/logs`, { headers: { "content-type": CONTENT_TYPES.json }, body }),
  );
  // all of the budget at once: one byte that was kept would turn one away with 429
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(all.map(() => 400));
});

function wrongInAnswer(answer: RawAnswer, posted: Posted): string | null {
  const expected = statusesOf(posted);
  if (!expected.includes(answer.status)) return `${answer.status} in place of ${expected.join(" or ")}`;
  const encoding = posted.encoding ?? "json";
  if (answer.headers["content-type"] !== CONTENT_TYPES[encoding])
    return `answered in ${answer.headers["content-type"]}`;
  if (posted.method === "HEAD") return null;
  if (answer.status === 200) return wrongInResponse(answer, posted.signal, encoding);
  const status =
    encoding === "json" ? JSON.parse(answer.body.toString()) : RpcStatus.toObject(RpcStatus.decode(answer.body));
  if (status.code !== CODES[answer.status]) return `a google.rpc.Status of ${status.code} with ${answer.status}`;
  return /^[A-Za-z][\x20-\x7e]{5,200}$/.test(status.message) ? null : `a message of ${JSON.stringify(status.message)}`;
}

function wrongInResponse({ body }: RawAnswer, signal: Signal, encoding: Encoding): string | null {
  const type = ExportResponse[signal];
  const response =
    encoding === "json" ? JSON.parse(body.toString()) : type.toObject(type.decode(body), { longs: String });
  const { partialSuccess, ...rest } = response;
  if (Object.keys(rest).length > 0) return `a response of ${JSON.stringify(response)}`;
  return partialSuccess === undefined || partialSuccess.errorMessage !== ""
    ? null
    : "a partial success without a reason";
}

/** What the table says of a request. */
function statusesOf({ status, content, body, headers, signal, encoding }: Posted): readonly number[] {
  if (status !== null) return [status];
  const isZstd = headers["content-encoding"] === "zstd";
  // where zstd is not supported it is another encoding
  const unsupported = isZstd ? [415] : [];
  const plain = content ?? (isZstd ? null : inflatedOrNull(body, headers["content-encoding"]));
  if (body.length > MAX_BODY_BYTES || (plain !== null && plain.length > MAX_BODY_BYTES)) return [413, ...unsupported];
  // damaged, and perhaps too large before the damage is reached
  if (plain === null) return isZstd ? [200, 400, 413, 415] : [400, 413];
  return [readOrNull(signal, encoding ?? "json", plain) === null ? 400 : 200, ...unsupported];
}

function inflatedOrNull(body: Uint8Array, compression: string | undefined): Uint8Array | null {
  try {
    return compression === "gzip" ? gunzipSync(body) : inflateSync(body);
  } catch {
    return null;
  }
}

function readOrNull(signal: Signal, encoding: Encoding, body: Uint8Array): TelemetryBatch | null {
  try {
    return summarise(signal, body, encoding, options());
  } catch {
    // that it is a proper refusal is decode.test.ts's matter
    return null;
  }
}

it("knows every signal", () => {
  expect(Object.keys(ExportResponse).sort()).toEqual([...SIGNALS].sort());
});
