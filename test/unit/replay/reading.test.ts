import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeByTime } from "../../../datasets/replay/reading/merge-by-time.ts";
import { splitFrames } from "../../../datasets/replay/reading/protobuf-frames.ts";
import { signalOfProtobuf } from "../../../datasets/replay/reading/protobuf-signal.ts";
import { readJsonRequest } from "../../../datasets/replay/reading/read-json-request.ts";
import { readProtobufRequest } from "../../../datasets/replay/reading/read-protobuf-request.ts";
import type { RecordedRequest, Recording } from "../../../datasets/replay/reading/recorded-request.ts";
import { splitLines, splitObjects } from "../../../datasets/replay/reading/split-json.ts";
import { requests } from "../../helpers/otlp-arbitraries.ts";
import { logsRequest, metricsRequest, nanos, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";

/** The bytes in pieces of at most `size`. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** of what `tracesRequest` makes */
function spansOf(request: object): { endTimeUnixNano?: unknown }[] {
  const { resourceSpans } = request as {
    resourceSpans: { scopeSpans: { spans: { endTimeUnixNano?: unknown }[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

const json = fc.array(fc.record({ text: fc.string({ unit: "grapheme" }), list: fc.array(fc.integer()) }), {
  maxLength: 4,
});
const pieceSize = fc.integer({ min: 1, max: 40 });

describe("cutting a file into JSON requests", () => {
  it("finds objects one after the other, pretty-printed or not, however the bytes arrive", async () => {
    await fc.assert(
      fc.asyncProperty(json, fc.constantFrom(0, 2), pieceSize, async (values, indent, size) => {
        const file = Buffer.from(values.map((value) => JSON.stringify(value, null, indent)).join("\n"));
        const texts = await collect(splitObjects(inPieces(file, size), "a.json"));
        expect(texts.map(({ bytes }) => JSON.parse(bytes.toString()))).toEqual(values);
      }),
    );
  });

  it("finds one to a line, skips blank lines and counts them", async () => {
    await fc.assert(
      fc.asyncProperty(json, pieceSize, async (values, size) => {
        const file = Buffer.from(`\n${values.map((value) => `${JSON.stringify(value)}\r\n`).join("\n")}`);
        const texts = await collect(splitLines(inPieces(file, size), "a.jsonl"));
        expect(texts.map(({ bytes }) => JSON.parse(bytes.toString()))).toEqual(values);
        expect(texts.map(({ line }) => line)).toEqual(values.map((_, index) => 2 + 2 * index));
      }),
    );
  });

  it("says the line on which an object starts that does not end, or something else stands", async () => {
    const open = collect(splitObjects(inPieces(Buffer.from('{}\n\n{"a":[1,\n2}'), 3), "a.json"));
    await expect(open).rejects.toThrow("a.json:3: the JSON object that starts here does not end");
    const other = collect(splitObjects(inPieces(Buffer.from("{}\n[{}]"), 3), "a.json"));
    await expect(other).rejects.toThrow("a.json:2: expected a JSON object, one OTLP request");
  });
});

describe("reading a JSON request", () => {
  const read = (value: unknown, line = 7) =>
    readJsonRequest({ bytes: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)), line }, "a.json");

  it("finds the signal, counts the records and reads their times", () => {
    expect(
      read(tracesRequest([{ endTimeUnixNano: nanos(2_000, 5) }, { endTimeUnixNano: nanos(1_000) }])),
    ).toMatchObject({
      signal: "traces",
      recordCount: 2,
      times: { firstMs: 1_000, lastMs: 2_000 },
      source: "a.json:7",
    });
    const logs = [{ observedTimeUnixNano: nanos(5) }, { timeUnixNano: nanos(4), observedTimeUnixNano: nanos(9) }, {}];
    expect(read(logsRequest(logs))).toMatchObject({ signal: "logs", recordCount: 3, times: { firstMs: 4, lastMs: 5 } });
    const points = metricsRequest([{ name: "a", exponentialHistogram: { dataPoints: [{}, {}] } }, { name: "b" }]);
    expect(read(points)).toMatchObject({ signal: "metrics", recordCount: 2, times: null });
  });

  it.each([
    ["text that is not JSON, with its own line", '{\n"a": 1,\n"b" 2}', "a.json:9: not JSON"],
    [
      "an object of no signal",
      "{}",
      "a.json:7: an OTLP request has one of resourceSpans, resourceLogs and resourceMetrics",
    ],
    ["an object of two", '{"resourceSpans":[],"resourceLogs":[]}', "this one has resourceSpans and resourceLogs"],
    ["a value that is no object", "[1]", "a.json:7: expected a JSON object"],
    [
      "a time that is none",
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"x"}]}]}]}',
      "a.json:7: a time is",
    ],
  ])("refuses %s", (_case, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe("reading protobuf requests", () => {
  const spans = encodeRequest("traces", tracesRequest([{ endTimeUnixNano: nanos(1) }]));
  const logs = encodeRequest("logs", logsRequest([{ severityNumber: 9 }, {}]));
  const file = (...frames: Uint8Array[]) =>
    Buffer.concat(
      frames.flatMap((frame) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(frame.length);
        return [length, frame];
      }),
    );

  it("takes a file as one request, or as several that follow their lengths, however the bytes arrive", async () => {
    for (const size of [1, 3, 1_000]) {
      const whole = await collect(splitFrames(inPieces(Buffer.from(spans), size), "a.pb"));
      expect(whole).toEqual([{ bytes: Buffer.from(spans), number: 1 }]);
      const frames = await collect(splitFrames(inPieces(file(spans, new Uint8Array(), logs), size), "a.pb"));
      expect(frames).toEqual([
        { bytes: Buffer.from(spans), number: 1 },
        { bytes: Buffer.from(logs), number: 3 },
      ]);
    }
  });

  it("says which request is cut off, and what is no protobuf", async () => {
    const cut = collect(splitFrames(inPieces(file(spans, logs).subarray(0, -1), 9), "a.pb"));
    await expect(cut).rejects.toThrow("a.pb (request 2): the file ends inside this request");
    const text = collect(splitFrames(inPieces(Buffer.from('{"resourceSpans":[]}'), 9), "a.pb"));
    await expect(text).rejects.toThrow("a.pb (request 1): neither an OTLP request nor a length before one");
    expect(() => readProtobufRequest({ bytes: Buffer.from("\nabc"), number: 2 }, "a.pb")).toThrow(
      "a.pb (request 2): not an OTLP request in protobuf",
    );
  });

  it.each(["traces", "logs", "metrics"] as const)("never takes one signal for another: %s", (signal) => {
    let told = 0;
    fc.assert(
      fc.property(requests[signal], (request) => {
        // a span without any time could pass for a metric
        fc.pre(signal !== "traces" || spansOf(request).every(({ endTimeUnixNano }) => Number(endTimeUnixNano) > 0));
        const found = signalOfProtobuf(encodeRequest(signal, request));
        if (found !== null) told += 1;
        expect([signal, null]).toContain(found);
      }),
      { numRuns: 200 },
    );
    expect(told).toBeGreaterThan(50);
  });

  it("asks for the signal when no record tells it, and takes what it is told", () => {
    const empty = { bytes: Buffer.from(encodeRequest("logs", logsRequest([{}]))), number: 1 };
    expect(() => readProtobufRequest(empty, "a.pb")).toThrow("say --signal traces, logs or metrics");
    expect(readProtobufRequest(empty, "a.pb", "logs")).toMatchObject({ signal: "logs", recordCount: 1, times: null });
  });
});

describe("several recordings at once", () => {
  const recording = (name: string, ...times: (number | null)[]): Recording => ({
    name,
    times: async () => null,
    async *requests() {
      for (const [index, ms] of times.entries()) {
        const request: RecordedRequest = {
          signal: "traces",
          encoding: "json",
          recordCount: 1,
          times: ms === null ? null : { firstMs: ms, lastMs: ms },
          source: `${name}${index}`,
          body: () => new Uint8Array(),
        };
        yield request;
      }
    },
  });

  it("go by time between recordings, and in their own order within each", async () => {
    const merged = await collect(mergeByTime([recording("a", 1, 9, 4), recording("b", 2, null, 5), recording("c")]));
    expect(merged.map(({ source }) => source)).toEqual(["a0", "b0", "b1", "b2", "a1", "a2"]);
  });
});
