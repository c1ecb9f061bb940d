/** Recorded and public requests, sent to a started receiver as their senders would. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTENT_TYPES } from "../../../models/telemetry/export-response.ts";
import { summarise } from "../../../models/telemetry/summarise.ts";
import { RpcStatus } from "../../helpers/otlp-proto.ts";
import {
  arePayloadsMissing,
  DOCUMENTED_ANSWERS,
  FAR_MS,
  invalidFiles,
  requestsOf,
  validFiles,
} from "../../helpers/public-payloads.ts";
import { type RawAnswer, send, startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";
import { encodingOf, recordedBatch, recordedBytes, SIGNALS } from "../../helpers/recorded-exports.ts";
import { options } from "../../helpers/summarise-options.ts";

/** later than every payload */
const LATER_MS = Date.UTC(2040, 0, 1);

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startTestReceiver({ nowMs: LATER_MS, maxPastMs: FAR_MS });
});
afterAll(() => receiver.stop());

const post = (signal: string, type: string, body: Uint8Array, more: Record<string, string> = {}): Promise<RawAnswer> =>
  send(`${receiver.url}/v1/${signal}`, { headers: { "content-type": type, ...more }, body });

const HTTP_WAYS = ["protobuf", "json", "protobuf-gzip", "json-gzip"] as const;

describe.each(SIGNALS)("%s recorded from the official exporters", (signal) => {
  it.each(HTTP_WAYS)("are taken whole by %s", async (way) => {
    receiver.jobs.length = 0;
    const type = CONTENT_TYPES[encodingOf(way)];
    const compression = way.endsWith("-gzip") ? { "content-encoding": "gzip" } : undefined;
    const answer = await post(signal, type, recordedBytes(signal, way), compression);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
    expect(answer.body.toString()).toBe(way.startsWith("json") ? "{}" : "");
    expect(receiver.batches().map(({ windows }) => windows)).toEqual([recordedBatch(signal).windows]);
  });
});

describe.skipIf(arePayloadsMissing)("public payloads", () => {
  it.each(validFiles)("%s is taken whole", async (file) => {
    receiver.jobs.length = 0;
    const expected = [];
    for (const { signal, encoding, body } of requestsOf(file)) {
      const answer = await post(signal, CONTENT_TYPES[encoding], body);
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, CONTENT_TYPES[encoding]]);
      // an empty answer: no partial success, not even a warning
      expect(answer.body.toString()).toBe(encoding === "json" ? "{}" : "");
      const wide = options({ receivedAtMs: LATER_MS, maxPastMs: FAR_MS });
      expected.push(summarise(signal, body, encoding, { ...wide, batchId: expect.stringMatching(/^[0-9a-f]{64}$/) }));
    }
    expect(receiver.batches()).toEqual(expected);
  });

  it.each(invalidFiles)("%s is answered 400 with a google.rpc.Status that says why", async (file) => {
    receiver.jobs.length = 0;
    const [request] = requestsOf(file);
    const answer = await post(request?.signal ?? "", CONTENT_TYPES.json, request?.body ?? Buffer.alloc(0));
    expect([answer.status, answer.headers["content-type"]]).toEqual([400, CONTENT_TYPES.json]);
    expect(JSON.parse(answer.body.toString())).toEqual({
      code: 3,
      message: expect.stringMatching(DOCUMENTED_ANSWERS[file.split("/").at(-1) ?? ""] ?? /$^/),
    });
    expect(receiver.jobs).toEqual([]);
  });

  it.each(
    validFiles.filter((file) => file.endsWith(".pb")),
  )("%s cut short is answered 400 in protobuf", async (file) => {
    receiver.jobs.length = 0;
    const [request] = requestsOf(file);
    const cut = request?.body.subarray(0, -1) ?? Buffer.alloc(0);
    const answer = await post(request?.signal ?? "", CONTENT_TYPES.protobuf, cut);
    expect([answer.status, answer.headers["content-type"]]).toEqual([400, CONTENT_TYPES.protobuf]);
    expect(RpcStatus.toObject(RpcStatus.decode(answer.body))).toEqual({
      code: 3,
      message: expect.stringMatching(/\w/),
    });
    expect(receiver.jobs).toEqual([]);
  });
});
