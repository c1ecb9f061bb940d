import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import type { Signal, TelemetryBatch } from "../../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../../models/telemetry/summarise.ts";
import { seeded } from "../../helpers/otlp-payloads.ts";
import { options } from "../../helpers/summarise-options.ts";

const SIGNALS: Signal[] = ["traces", "logs", "metrics"];
const recorded = (name: string) => readFileSync(new URL(`./recorded/${name}`, import.meta.url));

describe.each(SIGNALS)("%s as the official exporters send them", (signal) => {
  // recorded by this project's own recorder, in this shape
  const expected = JSON.parse(recorded(`${signal}.batch.json`).toString()) as TelemetryBatch;
  const bodies: Record<Encoding, Buffer> = {
    protobuf: recorded(`${signal}.protobuf.bin`),
    json: recorded(`${signal}.json.bin`),
  };
  const read = (encoding: Encoding, body: Uint8Array = bodies[encoding]) =>
    summarise(signal, body, encoding, options({ receivedAtMs: expected.receivedAtMs }));

  it("give the recorded batch", () => {
    expect(read("protobuf")).toEqual(expected);
  });

  it("mean the same in JSON", () => {
    // the two recordings of metrics are some milliseconds apart
    const { maxEventTimeMs, ...batch } = read("json");
    expect({ ...batch, maxEventTimeMs: expected.maxEventTimeMs }).toEqual(expected);
    expect(Math.abs((maxEventTimeMs ?? 0) - (expected.maxEventTimeMs ?? 0))).toBeLessThan(60_000);
  });

  it("are answered with a batch or a refusal, however they are damaged", () => {
    const random = seeded(3);
    const outcomes = new Set<string>();
    for (let round = 0; round < 1_000; round += 1) {
      const encoding = round % 2 === 0 ? "protobuf" : "json";
      const body = Uint8Array.from(bodies[encoding]);
      for (let edit = 0; edit <= round % 5; edit += 1)
        body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
      const kept = round % 7 === 0 ? body.subarray(0, Math.floor(random() * body.length)) : body;
      try {
        outcomes.add(read(encoding, kept).signal);
      } catch (error) {
        if (!(error instanceof TelemetryDecodeError)) throw error;
        outcomes.add(error.failure);
      }
    }
    expect([...outcomes].sort()).toEqual([signal, "undecodable"].sort());
  });
});
