import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { callGrpc, exportPath, statusDetails } from "../../helpers/grpc-client.ts";
import { nanos, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { startTestReceiver, type TestReceiver, type TestReceiverOptions } from "../../helpers/receiver.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";

const request = tracesRequest([{ kind: 2, startTimeUnixNano: nanos(NOW_MS - 5), endTimeUnixNano: nanos(NOW_MS) }]);
const body = encodeRequest("traces", request);

let receiver: TestReceiver | undefined;
const start = async (options: TestReceiverOptions = {}) => {
  receiver = await startTestReceiver(options);
  return receiver;
};
afterEach(async () => {
  await receiver?.stop();
  receiver = undefined;
});

it("works", async () => {
  const { grpcPort, batches } = await start();
  console.log(await callGrpc(grpcPort, exportPath("traces"), body));
  console.log(await callGrpc(grpcPort, exportPath("traces"), body, { compression: "gzip" }));
  console.log(batches().length);
});
it("too large", async () => {
  const { grpcPort } = await start({ maxBodyBytes: 100_000 });
  const a = await callGrpc(grpcPort, exportPath("traces"), new Uint8Array(50_000_000));
  console.log(a.code, a.message, statusDetails(a));
});
it("queue", async () => {
  const { grpcPort } = await start({ add: () => Promise.reject(new Error("no")) });
  const a = await callGrpc(grpcPort, exportPath("traces"), body);
  console.log(a.code, a.message, JSON.stringify(statusDetails(a)));
  console.log(await callGrpc(grpcPort, "/x.Y/Z", body));
});
