import { afterEach, describe, expect, it } from "vitest";
import { logsRequest, nanos, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { send, startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";

const JSON_TYPE = { "content-type": "application/json" };

let receiver: TestReceiver | undefined;
const start = async () => {
  receiver = await startTestReceiver();
  return receiver;
};
afterEach(async () => {
  await receiver?.stop();
  receiver = undefined;
});

describe("JSON as OTLP writes it", () => {
  const post = async (signal: "traces" | "logs", request: object) => {
    const { url, batches } = await start();
    const answer = await send(`${url}/v1/${signal}`, { headers: JSON_TYPE, body: JSON.stringify(request) });
    expect([answer.status, answer.body.toString()]).toEqual([200, "{}"]);
    const [batch] = batches();
    expect(batch?.recordCount).toBe(1);
    return batch;
  };
  const failing = {
    kind: 2,
    startTimeUnixNano: nanos(NOW_MS - 5),
    endTimeUnixNano: nanos(NOW_MS),
    status: { code: 2 },
  };

  it("unknown fields are ignored, at every level", async () => {
    const attributes = [{ key: "service.name", value: { stringValue: "checkout", fromTheFuture: 1 } }];
    const batch = await post("traces", {
      fromTheFuture: { deep: [1] },
      resourceSpans: [
        {
          fromTheFuture: null,
          resource: { attributes, fromTheFuture: "x" },
          scopeSpans: [{ fromTheFuture: true, spans: [{ ...failing, fromTheFuture: [{}] }] }],
        },
      ],
    });
    expect(batch?.windows).toMatchObject([{ service: { name: "checkout" }, stats: { requestErrorCount: 1 } }]);
  });

  it("ids are hexadecimal in any case; of zeros or of a wrong length they mean that nothing is correlated", async () => {
    const ids = { traceId: "5B8EFFF798038103D269B633813FC60C", spanId: "eee19b7ec3c1b174" };
    const one = await post("traces", tracesRequest([{ ...failing, ...ids }]));
    expect(one?.errors).toMatchObject([{ traceId: ids.traceId.toLowerCase(), spanId: ids.spanId }]);
    await receiver?.stop();
    for (const [traceId, spanId] of [
      ["0".repeat(32), "0".repeat(16)],
      ["abcd", "ab"],
      ["", ""],
    ]) {
      const batch = await post("traces", tracesRequest([{ ...failing, traceId, spanId }]));
      expect(batch?.errors).toHaveLength(1);
      expect(batch?.errors[0]?.traceId).toBeUndefined();
      expect(batch?.errors[0]?.spanId).toBeUndefined();
      await receiver?.stop();
    }
  });

  it("int64 comes as text or as a number", async () => {
    const asNumber = { ...failing, startTimeUnixNano: (NOW_MS - 5) * 1e6, endTimeUnixNano: NOW_MS * 1e6 };
    expect((await post("traces", tracesRequest([asNumber])))?.maxEventTimeMs).toBe(NOW_MS);
  });

  it("a value may be empty, a body may be missing, and time falls back to observed time and then to arrival", async () => {
    const empty = { key: "x", value: {} };
    const observed = await post(
      "logs",
      logsRequest([{ observedTimeUnixNano: nanos(NOW_MS - 7), attributes: [empty] }]),
    );
    expect(observed?.maxEventTimeMs).toBe(NOW_MS - 7);
    await receiver?.stop();
    expect((await post("logs", logsRequest([{ severityNumber: 17 }])))?.maxEventTimeMs).toBe(NOW_MS);
  });

  it("enums are integers; their names, which ProtoJSON would write, are understood too", async () => {
    for (const [kind, code] of [
      [2, 2],
      ["SPAN_KIND_SERVER", "STATUS_CODE_ERROR"],
    ]) {
      const batch = await post("traces", tracesRequest([{ ...failing, kind, status: { code } }]));
      expect(batch?.windows).toMatchObject([{ stats: { requestCount: 1, requestErrorCount: 1 } }]);
      await receiver?.stop();
    }
  });
});
