import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import { readProtobufTraces } from "../../../models/telemetry/protobuf-traces.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import { PEER_ATTRIBUTES } from "../../../models/telemetry/semconv.ts";
import { type Encoding, summarise } from "../../../models/telemetry/summarise.ts";
import { requests } from "../../helpers/otlp-arbitraries.ts";
import { asJson, referenceTraces, seeded } from "../../helpers/otlp-payloads.ts";
import { decodeFully, encodeRequest } from "../../helpers/otlp-proto.ts";
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
  it("give the same batch from protobuf and from JSON", () => {
    fc.assert(
      fc.property(requests[signal], (request) => {
        const fromProtobuf = summarise(signal, encodeRequest(signal, request), "protobuf", options());
        const fromJson = summarise(signal, asJson(request), "json", options());
        expect(fromJson).toEqual(fromProtobuf);
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
  it("sees in a span what a full decode sees", () => {
    fc.assert(
      fc.property(requests.traces, (request) => {
        const bytes = encodeRequest("traces", request);
        const seen: unknown[] = [];
        readProtobufTraces(bytes, {
          resource: () => {},
          restart: () => {},
          record: (span) =>
            seen.push({
              kind: span.kind,
              status: span.statusCode,
              endMs: span.end.ms,
              hasException: span.hasException,
              peer: span.peer(),
            }),
        });
        // the shape is that of the schema the bytes were decoded with
        const full = decodeFully("traces", bytes) as { resourceSpans: { scopeSpans: { spans: FullSpan[] }[] }[] };
        expect(seen).toEqual(
          full.resourceSpans.flatMap((group) => group.scopeSpans.flatMap(({ spans }) => spans.map(factsOf))),
        );
      }),
      { numRuns: 300 },
    );
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

interface FullSpan {
  kind: number;
  status?: { code: number } | null;
  endTimeUnixNano: { toString(): string };
  events: { name: string }[];
  attributes: { key: string; value?: Record<string, unknown> | null }[];
}

function factsOf(span: FullSpan) {
  return {
    kind: span.kind,
    status: span.status?.code ?? 0,
    endMs: Number(BigInt(span.endTimeUnixNano.toString()) / 1_000_000n),
    hasException: span.events.some(({ name }) => name === "exception"),
    peer: peerOf(span),
  };
}

function peerOf(span: FullSpan): string | undefined {
  for (const name of PEER_ATTRIBUTES) {
    const value = span.attributes.findLast(({ key }) => key === name)?.value;
    for (const field of ["stringValue", "boolValue", "intValue", "doubleValue"]) {
      if (value === undefined || value === null || !Object.hasOwn(value, field)) continue;
      if (value[field] !== "") return String(value[field]);
    }
    if (value && Object.hasOwn(value, "bytesValue")) {
      // protobufjs gives bytes as a Uint8Array
      const text = Buffer.from(value.bytesValue as Uint8Array).toString("base64");
      if (text !== "") return text;
    }
  }
  return undefined;
}

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
