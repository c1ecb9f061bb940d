/** Whatever bytes come, they become a batch that keeps its promises, or a refusal that can be shown to the sender. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type BatchLimits, DEFAULT_BATCH_LIMITS } from "../../models/telemetry/batch-limits.ts";
import { TelemetryDecodeError } from "../../models/telemetry/decode-error.ts";
import type { Signal } from "../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../models/telemetry/summarise.ts";
import { requests } from "../helpers/otlp-arbitraries.ts";
import { asJson } from "../helpers/otlp-payloads.ts";
import { encodeRequest } from "../helpers/otlp-proto.ts";
import { SIGNALS } from "../helpers/recorded-exports.ts";
import { options } from "../helpers/summarise-options.ts";
import { wrongIn } from "./batch-properties.ts";
import { createCorpus } from "./corpus.ts";
import { createMemoryWatch } from "./memory-watch.ts";
import { createMutator, minimise } from "./mutator.ts";
import { createTally, inputs, randomOf, seed } from "./plan.ts";

/** so small that every bound is met */
const TIGHT: BatchLimits = {
  maxServices: 2,
  maxWindows: 3,
  maxErrors: 2,
  maxErrorsLength: 60,
  maxNameLength: 40,
  maxMessageLength: 16,
  maxStacktraceLength: 40,
  maxErrorAttributes: 3,
  maxAttributeLength: 12,
  names: { callees: 2, versions: 1, instances: 2, gauges: 1, fingerprints: 1 },
};
const FAR_MS = 100 * 365 * 24 * 3_600_000;
const PROFILES = [
  {
    limits: DEFAULT_BATCH_LIMITS,
    settings: options({ limits: DEFAULT_BATCH_LIMITS, maxPastMs: FAR_MS, maxFutureMs: FAR_MS }),
  },
  { limits: TIGHT, settings: options({ limits: TIGHT, windowSizeMs: 1_000, maxPastMs: FAR_MS }) },
  { limits: DEFAULT_BATCH_LIMITS, settings: options({ limits: DEFAULT_BATCH_LIMITS, maxPastMs: 3_600_000 }) },
];

interface Verdict {
  outcome: "batch" | "empty" | "undecodable" | "too_large";
  /** what is wrong; null when all is well */
  wrong: string | null;
}

function judge(signal: Signal, encoding: Encoding, body: Uint8Array, profile: number): Verdict {
  const { limits, settings } = PROFILES[profile % PROFILES.length] ?? PROFILES[0]!;
  const before = body.slice();
  try {
    const batch = summarise(signal, body, encoding, settings);
    const isUntouched = Buffer.compare(before, body) === 0;
    const wrong = isUntouched ? wrongIn(batch, settings, limits) : "the body was changed";
    return { outcome: batch.recordCount === 0 ? "empty" : "batch", wrong };
  } catch (error) {
    if (!(error instanceof TelemetryDecodeError)) return { outcome: "undecodable", wrong: `it threw ${String(error)}` };
    // it goes into an answer and a log, so nothing of the body may be in it
    const isSafe = /^[A-Za-z][A-Za-z0-9 ,.'*/()-]{5,100}$/.test(error.message);
    return { outcome: error.failure, wrong: isSafe ? null : `its message is ${JSON.stringify(error.message)}` };
  }
}

const memory = createMemoryWatch();
afterAll(memory.print);

describe("damaged requests", () => {
  it.each(["protobuf", "json"] as const)("in %s are answered", (encoding) => {
    const corpus = createCorpus().filter((sample) => sample.encoding === encoding);
    const next = createMutator(corpus, randomOf(`damaged ${encoding}`));
    const tally = createTally(`damaged ${encoding}`);
    const count = inputs(0.36);
    for (let index = 0; index < count; index += 1) {
      // code is compiled and caches are full by then
      if (index === count >> 1) memory.start();
      const input = next();
      const { outcome, wrong } = judge(input.signal, input.encoding, input.body, index);
      tally.add(outcome);
      if (wrong !== null) {
        const fails = (body: Uint8Array) => judge(input.signal, input.encoding, body, index).wrong !== null;
        const body = Buffer.from(minimise(input.body, fails));
        const where = `seed ${seed}, input ${index} (${input.name}; ${input.how.join(", ")})`;
        expect.fail(`${wrong}\n${where}\n${input.signal} ${input.encoding}, base64: ${body.toString("base64")}`);
      }
    }
    tally.print();
    memory.check();
    // a corpus that is always refused, or never, would test nothing
    expect(tally.counts.get("batch")).toBeGreaterThan(count / 10);
    expect(tally.counts.get("undecodable")).toBeGreaterThan(count / 10);
  });
});

describe("made-up requests", () => {
  const check = (signal: Signal, encoding: Encoding, body: Uint8Array, profile: number): void => {
    expect(judge(signal, encoding, body, profile).wrong).toBeNull();
  };

  it.each(SIGNALS)("%s keep every promise, and are the same in both encodings", (signal) => {
    fc.assert(
      fc.property(requests[signal], fc.nat(2), (request, profile) => {
        const [protobuf, json] = [encodeRequest(signal, request), asJson(request)];
        check(signal, "protobuf", protobuf, profile);
        check(signal, "json", json, profile);
        const { settings } = PROFILES[profile] ?? PROFILES[0]!;
        expect(summarise(signal, json, "json", settings)).toEqual(summarise(signal, protobuf, "protobuf", settings));
      }),
      { numRuns: inputs(0.02), seed },
    );
  });

  it.each(["protobuf", "json"] as const)("of any bytes in %s are answered", (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...SIGNALS), fc.nat(2), (body, signal, profile) =>
        check(signal, encoding, body, profile),
      ),
      { numRuns: inputs(0.04), seed },
    );
  });

  it("of any JSON are answered", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(...SIGNALS), fc.nat(2), (value, signal, profile) => {
        // the envelope is proper, so that the value is looked at
        const names = { traces: ["Spans", "spans"], logs: ["Logs", "logRecords"], metrics: ["Metrics", "metrics"] }[
          signal
        ];
        const [kind, records] = names as [string, string];
        const request = { [`resource${kind}`]: [{ resource: value, [`scope${kind}`]: [{ [records]: value }] }] };
        check(signal, "json", asJson(request), profile);
        check(signal, "json", asJson({ [`resource${kind}`]: value }), profile);
      }),
      { numRuns: inputs(0.02), seed },
    );
  });
});
