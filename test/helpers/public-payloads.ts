/** Real OTLP payloads from public sources. They stay outside the project (`HARBINGER_DATA_DIR`); whoever uses them skips where they
 *  are missing, which this file says aloud. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Signal } from "../../models/telemetry/records.ts";
import type { Encoding } from "../../models/telemetry/summarise.ts";

const FOLDER = join(resolve(process.env.HARBINGER_DATA_DIR ?? "../shared/data"), "otlp");
export const arePayloadsMissing = !existsSync(FOLDER);
if (arePayloadsMissing) console.warn(`skipped: no OTLP payloads in ${FOLDER} (HARBINGER_DATA_DIR)`);

/** a hundred years: payloads keep the times at which they were recorded */
export const FAR_MS = 100 * 365 * 24 * 3_600_000;

export interface PublicRequest {
  signal: Signal;
  encoding: Encoding;
  body: Buffer;
}

/** Below the folder of payloads, in order; none where it is missing. `otlp2parquet/invalid` holds what must be refused. */
export const payloadFiles: readonly string[] = arePayloadsMissing
  ? []
  : readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(json|jsonl|pb|jsonl\.gz)$/.test(name))
      .sort();

export const validFiles = payloadFiles.filter((file) => !file.includes("/invalid/"));
export const invalidFiles = payloadFiles.filter((file) => file.includes("/invalid/"));

/** One file's requests: a line each in jsonl; several pretty-printed ones may stand one after the other in json. */
export function requestsOf(file: string): PublicRequest[] {
  const raw = readFileSync(join(FOLDER, file));
  if (file.endsWith(".pb")) return [{ signal: signalNamedBy(file), encoding: "protobuf", body: raw }];
  const text = (file.endsWith(".gz") ? gunzipSync(raw) : raw).toString();
  const parts = file.includes(".jsonl") ? text.split("\n") : text.split(/(?<=^\})\s*(?=^\{)/m);
  return parts
    .filter((part) => part.trim() !== "")
    .map((part) => ({ signal: signalNamedBy(part.slice(0, 200)), encoding: "json", body: Buffer.from(part) }));
}

/** Protobuf does not name its signal, so the file's name has to; JSON names it in its first field. */
function signalNamedBy(text: string): Signal {
  if (/resourceSpans|\/traces?\./.test(text)) return "traces";
  return /resourceMetrics|\/metrics_/.test(text) ? "metrics" : "logs";
}

/** By `invalid/README.md`: what is wrong with each file, and so what its answer must say. */
export const DOCUMENTED_ANSWERS: Readonly<Record<string, RegExp>> = {
  "log_invalid_severity.json": /severity/,
  "malformed.json": /not JSON/,
  "metrics_invalid_temporality.json": /temporality/,
  "trace_invalid_base64.json": /trace id/,
  "trace_invalid_kind.json": /kind/,
  "trace_mixed_encoding.json": /trace id/,
};
