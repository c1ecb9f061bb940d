import { gzipSync } from "node:zlib";
import { asJson } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";

/** Posts an OTLP traces request and waits until it is acknowledged. @throws when it is refused or only taken in part */
export async function sendTraces(otlpUrl: string, request: object, encoding: "json" | "protobuf"): Promise<void> {
  const isJson = encoding === "json";
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: "POST",
    headers: isJson
      ? { "content-type": "application/json" }
      : { "content-type": "application/x-protobuf", "content-encoding": "gzip" },
    body: isJson ? asJson(request) : gzipSync(encodeRequest("traces", request)),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  // A full success is an empty message: `{}`, or no bytes.
  if (response.status !== 200 || answer.length > 2) {
    throw new Error(`the receiver answered ${response.status}: ${answer.toString()}`);
  }
}
