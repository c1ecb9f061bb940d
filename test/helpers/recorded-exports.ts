/** What the official exporters sent, as `test/golden/receiver/record.ts` recorded it. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import type { Encoding } from "../../models/telemetry/summarise.ts";

export const SIGNALS: readonly Signal[] = ["traces", "logs", "metrics"];

/** how an exporter sends: which one, and whether it compresses */
export const WAYS = ["protobuf", "json", "grpc", "protobuf-gzip", "json-gzip", "grpc-gzip"] as const;
export type Way = (typeof WAYS)[number];

const FOLDER = new URL("../golden/receiver/recorded/", import.meta.url);

/** The bytes that arrived: gzip where the way says so, and a frame where it is gRPC's. */
export function recordedBytes(signal: Signal, way: Way): Buffer {
  return readFileSync(new URL(`${signal}.${way}.bin`, FOLDER));
}

export function recordedBatch(signal: Signal): TelemetryBatch {
  // recorded by this project's own recorder, in this shape
  return JSON.parse(readFileSync(new URL(`${signal}.batch.json`, FOLDER), "utf8")) as TelemetryBatch;
}

export function encodingOf(way: Way): Encoding {
  return way.startsWith("json") ? "json" : "protobuf";
}

/** @param bytes as they arrived @returns the request without frame and compression */
export function bodyOf(way: Way, bytes: Buffer): Buffer {
  if (way.startsWith("grpc")) return messageOf(bytes);
  return way.endsWith("-gzip") ? gunzipSync(bytes) : bytes;
}

/** gRPC over HTTP/2: each message is `compressed: 1 byte, length: 4 bytes big-endian, message`. @throws when it is not one whole message */
function messageOf(frame: Buffer): Buffer {
  const message = frame.subarray(5);
  if (frame.readUInt32BE(1) !== message.length) throw new Error("not one gRPC frame");
  return frame[0] === 1 ? gunzipSync(message) : message;
}
