import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createDecodeCache } from "../../../models/telemetry/decode-cache.ts";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import { readJsonTraces } from "../../../models/telemetry/json-traces.ts";
import { readProtobufTraces } from "../../../models/telemetry/protobuf-traces.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../../models/telemetry/summarise.ts";
import { writeOddly } from "../../helpers/odd-json.ts";
import { requests } from "../../helpers/otlp-arbitraries.ts";
import { asJson, referenceTraces, seeded } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { referenceBatch } from "../../helpers/reference-batch.ts";
import { options } from "../../helpers/summarise-options.ts";

const SIGNALS: Signal[] = ["traces", "logs", "metrics"];

/** Anything but a batch or a refusal fails the test. */
function read(signal: Signal, body: Uint8Array, encoding: Encoding): "batch" | "refusal" {
  try {
    const batch = summarise(signal, body, encoding, options());
    const refused = Object.values(batch.rejected).reduce((sum, count) => sum + count, 0);
    expect(refused).toBeLessThanOrEqual(batch.recordCount);
    // what crosses the queue must survive it
    expect(JSON.parse(JSON.stringify(batch))).toEqual(batch);
    return "batch";
  } catch (error) {
    if (error instanceof TelemetryDecodeError) return "refusal";
    throw error;
  }
}

describe.each(SIGNALS)("%s", (signal) => {
  it("give in both encodings the batch that a full decode gives", () => {
    const cache = createDecodeCache();
    fc.assert(
      fc.property(requests[signal], (request) => {
        const protobuf = encodeRequest(signal, request);
        const expected = referenceBatch(signal, protobuf, options());
        expect(summarise(signal, protobuf, "protobuf", options())).toEqual(expected);
        expect(summarise(signal, asJson(request), "json", options())).toEqual(expected);
        // what earlier requests left in a cache changes nothing
        expect(summarise(signal, protobuf, "protobuf", options({ cache }))).toEqual(expected);
        expect(summarise(signal, asJson(request), "json", options({ cache }))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("mean the same in JSON in whatever order fields stand, however often, with escapes and white space", () => {
    fc.assert(
      fc.property(requests[signal], fc.nat(), (request, seed) => {
        const expected = summarise(signal, asJson(request), "json", options());
        const odd = new TextEncoder().encode(writeOddly(request, seeded(seed)));
        expect(summarise(signal, odd, "json", options())).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("are answered with a batch or a refusal, whatever bytes come", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom<Encoding>("protobuf", "json"),
        (bytes, encoding) => {
          expect(["batch", "refusal"]).toContain(read(signal, bytes, encoding));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are answered with a batch or a refusal when a proper request was damaged", () => {
    fc.assert(
      fc.property(
        requests[signal],
        fc.constantFrom<Encoding>("protobuf", "json"),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (request, encoding, edits, cut) => {
          const body = Uint8Array.from(encoding === "json" ? asJson(request) : encodeRequest(signal, request));
          for (const [at, value] of edits) if (body.length > 0) body[at % body.length] = value;
          const kept = cut % 3 === 0 ? body.subarray(0, cut % (body.length + 1)) : body;
          expect(["batch", "refusal"]).toContain(read(signal, kept, encoding));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("reading only what is needed", () => {
  it.each(["protobuf", "json"] as const)("decodes whole in %s what is an error, and nothing else", (encoding) => {
    const { errorCount, spanCount, ...bodies } = referenceTraces({ spanCount: 200, errorRatio: 0.02 });
    const expected = referenceBatch("traces", bodies.protobuf, options());
    const read = encoding === "protobuf" ? readProtobufTraces : readJsonTraces;
    let [records, whole] = [0, 0];
    read(bodies[encoding], {
      resource: () => {},
      restart: () => expect.unreachable("official encoders write nothing twice"),
      record: (span) => {
        records += 1;
        if (span.statusCode === 2) {
          span.whole(1);
          whole += 1;
        }
      },
    });
    expect([records, whole]).toEqual([spanCount, errorCount]);
    // the same through the whole stage: texts that only healthy spans have are never decoded
    const cache = createDecodeCache();
    const texts = vi.spyOn(cache.texts, "text");
    expect(summarise("traces", bodies[encoding], encoding, options({ cache }))).toEqual(expected);
    const paths = texts.mock.results.map(({ value }) => value).filter((text) => /^\/items\/\d+$/.test(text));
    expect(paths).toHaveLength(errorCount);
  });

  it("decodes a stack trace that repeats once", () => {
    const { protobuf, json, errorCount } = referenceTraces({ spanCount: 200, errorRatio: 0.1 });
    for (const [encoding, body] of [
      ["protobuf", protobuf],
      ["json", json],
    ] as const) {
      const decode = vi.spyOn(TextDecoder.prototype, "decode");
      const { errors } = summarise("traces", body, encoding, options());
      const long = decode.mock.calls.filter(([bytes]) => (bytes?.byteLength ?? 0) > 1_000);
      decode.mockRestore();
      expect(errors.map(({ stacktrace }) => stacktrace)).toEqual(Array(errorCount).fill(errors[0]?.stacktrace));
      expect(long).toHaveLength(1);
    }
  });

  it("finds the same in a request whose fields come in the opposite order", () => {
    const { protobuf } = referenceTraces({ spanCount: 50, errorRatio: 0.2 });
    const expected = summarise("traces", protobuf, "protobuf", options());
    const reversed = reverseFields(protobuf, REQUEST);
    expect(reversed).not.toEqual(protobuf);
    const actual = summarise("traces", reversed, "protobuf", options());
    const byService = (batch: typeof expected) =>
      batch.windows.toSorted((a, b) => (a.service.name < b.service.name ? -1 : 1));
    expect(byService(actual)).toEqual(byService(expected));
    expect(actual.errors).toHaveLength(expected.errors.length);
  });

  it("survives thousands of damaged reference requests", () => {
    const payload = referenceTraces({ spanCount: 20, errorRatio: 0.2 });
    const random = seeded(7);
    const outcomes = { batch: 0, refusal: 0 };
    for (let round = 0; round < 2_000; round += 1) {
      const encoding = round % 2 === 0 ? "protobuf" : "json";
      const body = Uint8Array.from(payload[encoding]);
      for (let edit = 0; edit <= round % 4; edit += 1)
        body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      outcomes[read("traces", body, encoding)] += 1;
    }
    expect(outcomes.batch).toBeGreaterThan(0);
    expect(outcomes.refusal).toBeGreaterThan(0);
  });
});

/** Which fields hold messages, and what is in those. */
interface Layout {
  [field: number]: Layout;
}
const KEY_VALUE: Layout = { 2: {} };
const SPAN: Layout = { 9: KEY_VALUE, 11: { 3: KEY_VALUE }, 15: {} };
const REQUEST: Layout = { 1: { 1: { 1: KEY_VALUE }, 2: { 1: {}, 2: SPAN } } };

/** Writes every message's fields in reverse order, which protobuf allows. */
function reverseFields(bytes: Uint8Array, layout: Layout): Uint8Array {
  const fields: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const tag = varint();
    const inner = layout[tag >>> 3];
    if ((tag & 7) === 0) varint();
    else if ((tag & 7) === 1) at += 8;
    else if ((tag & 7) === 5) at += 4;
    else {
      const length = varint();
      const contentStart = at;
      at += length;
      if (inner !== undefined) {
        const content = reverseFields(bytes.subarray(contentStart, at), inner);
        fields.push(Uint8Array.from([...bytes.subarray(start, contentStart), ...content]));
        continue;
      }
    }
    fields.push(bytes.slice(start, at));
  }
  return Uint8Array.from(Buffer.concat(fields.reverse()));
}
