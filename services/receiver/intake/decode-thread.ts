/** What runs on a decode thread (decode-pool.ts starts it). */
import { workerData } from "node:worker_threads";
import { createDecodeCache } from "../../../models/telemetry/decode-cache.ts";
import { yieldToTheMainThread } from "../../platform/runtime/thread-priority.ts";
import { type DecodeOrder, type DecodeOutcome, type DecodeSettings, decodeExport } from "./decode-export.ts";

// decode-pool.ts puts them there
const settings = workerData as DecodeSettings;
const cache = createDecodeCache();
yieldToTheMainThread();

export default function decode(order: DecodeOrder): DecodeOutcome {
  return decodeExport(order, settings, cache);
}
