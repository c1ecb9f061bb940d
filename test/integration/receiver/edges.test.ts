/** Every row of the status table, on both edges, for every signal. What each row has for natural causes is in status-table.test.ts (HTTP)
 *  and grpc.test.ts. */
import { metrics } from "@opentelemetry/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Signal } from "../../../models/telemetry/records.ts";
import { ERROR_CATALOGUE, type ErrorCode, HarbingerError } from "../../../services/platform/errors.ts";
import { type Edges, startEdges } from "../../../services/receiver/edges.ts";
import { createByteBudget } from "../../../services/receiver/intake/byte-budget.ts";
import { createReceiverMetrics } from "../../../services/receiver/receiver-metrics.ts";
import { STATUS_TABLE } from "../../../services/receiver/status-table.ts";
import { callGrpc, exportPath, statusDetails } from "../../helpers/grpc-client.ts";
import { RpcStatus } from "../../helpers/otlp-proto.ts";
import { send, testReceiverConfig } from "../../helpers/receiver.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const budget = createByteBudget(1_000);
let failure: unknown;
let edges: Edges;
beforeAll(async () => {
  const edge = {
    logger: silentLogger,
    guard: () => {},
    intake: {
      admit: () => {},
      accept: async () => {
        throw failure;
      },
    },
    budget,
    metrics: createReceiverMetrics(metrics.getMeter("test"), budget),
    maxBodyBytes: 1_000,
    bodyTimeoutMs: 1_000,
  };
  edges = await startEdges(edge, { host: "127.0.0.1", receiver: testReceiverConfig() }, silentLogger);
});
afterAll(() => edges.stop());

const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[];
const signals: Signal[] = ["traces", "logs", "metrics"];
const isBug = (code: ErrorCode) => ERROR_CATALOGUE[code].kind === "bug";

describe.each(signals)("%s", (signal) => {
  it.each(codes)("%s has its row over HTTP, in protobuf and in JSON", async (code) => {
    failure = new HarbingerError(code, "what went wrong");
    const { httpStatus, rpcCode, retryAfterSeconds } = STATUS_TABLE[ERROR_CATALOGUE[code].kind];
    const expected = { code: rpcCode, message: isBug(code) ? "internal error" : "what went wrong" };
    for (const type of ["application/x-protobuf", "application/json"]) {
      const answer = await send(`${edges.http.url}/v1/${signal}`, { headers: { "content-type": type }, body: "{}" });
      expect(answer.status).toBe(httpStatus);
      expect(answer.headers["content-type"]).toBe(type);
      expect(answer.headers["retry-after"]).toBe(retryAfterSeconds?.toString());
      const status =
        type === "application/json"
          ? JSON.parse(answer.body.toString())
          : RpcStatus.toObject(RpcStatus.decode(answer.body));
      expect(status).toEqual(expected);
    }
  });

  it.each(codes)("%s has its row over gRPC", async (code) => {
    failure = new HarbingerError(code, "what went wrong: 100 % — naïve");
    const { grpcCode, retryAfterSeconds } = STATUS_TABLE[ERROR_CATALOGUE[code].kind];
    const message = isBug(code) ? "internal error" : "what went wrong: 100 % — naïve";
    const answer = await callGrpc(edges.grpc?.port ?? 0, exportPath(signal), new Uint8Array(3));
    expect(answer).toMatchObject({ code: grpcCode, message });
    expect(statusDetails(answer)).toEqual(
      retryAfterSeconds === undefined
        ? null
        : {
            code: grpcCode,
            message,
            details: [{ type: "type.googleapis.com/google.rpc.RetryInfo", retryDelay: { seconds: retryAfterSeconds } }],
          },
    );
  });

  it("something that nobody foresaw is a bug on both edges, and tells the sender nothing", async () => {
    failure = new Error("secret detail");
    const http = await send(`${edges.http.url}/v1/${signal}`, {
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(http.status).toBe(500);
    expect(JSON.parse(http.body.toString())).toEqual({ code: 13, message: "internal error" });
    const grpc = await callGrpc(edges.grpc?.port ?? 0, exportPath(signal), new Uint8Array(3));
    expect(grpc).toMatchObject({ code: 13, message: "internal error" });
  });
});

it("every request gave its bytes back", () => {
  expect(budget.inUse()).toBe(0);
});
