/** Opens a file as a recording; its name says what is in it. */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createGunzip } from "node:zlib";
import type { Signal } from "../../../models/telemetry/records.ts";
import { probeRequests } from "../outages/probe-requests.ts";
import { readUpptimeProbes, readWebsiteProbes } from "../outages/probes.ts";
import { splitFrames } from "./protobuf-frames.ts";
import { readJsonRequest } from "./read-json-request.ts";
import { readProtobufRequest } from "./read-protobuf-request.ts";
import { type RecordedRequest, type Recording, RecordingError, type TimeRange, unite } from "./recorded-request.ts";
import { type JsonText, splitLines, splitObjects } from "./split-json.ts";

export interface OpenOptions {
  /** of protobuf files that do not tell */
  signal?: Signal;
  /** when the first probe of a recording without a calendar (.avt) took place */
  startMs?: number;
  /** records of outages: only the sites that `npm run evaluate` studies */
  isStudiedOnly?: boolean;
  /** records of outages: longest event time in one request */
  maxRequestSpanMs?: number;
}

const KINDS = ["json", "jsonl", "pb", "avt", "csv"] as const;
type Kind = (typeof KINDS)[number];

/** @throws RecordingError when the name says nothing */
export function openRecording(path: string, options: OpenOptions): Recording {
  const name = basename(path);
  const kind = kindOf(name);
  if (kind === "avt" || kind === "csv") return openOutages(path, name, kind, options);
  const requests = () => readRequests(path, name, kind, options.signal);
  return {
    name,
    requests,
    times: async () => {
      let times: TimeRange | null = null;
      for await (const request of requests()) times = unite(times, request.times);
      return times;
    },
  };
}

function kindOf(name: string): Kind {
  const ending = name.replace(/\.gz$/, "").split(".").at(-1);
  const kind = KINDS.find((known) => known === ending);
  if (kind === undefined) throw new RecordingError(name, `expected .${KINDS.join(", .")}, or one of these with .gz`);
  return kind;
}

async function* readRequests(
  path: string,
  name: string,
  kind: "json" | "jsonl" | "pb",
  signal: Signal | undefined,
): AsyncGenerator<RecordedRequest> {
  const chunks = readChunks(path, name);
  if (kind === "pb") {
    for await (const frame of splitFrames(chunks, name)) yield readProtobufRequest(frame, name, signal);
    return;
  }
  const texts: AsyncIterable<JsonText> = kind === "json" ? splitObjects(chunks, name) : splitLines(chunks, name);
  for await (const text of texts) yield readJsonRequest(text, name);
}

function openOutages(path: string, name: string, kind: "avt" | "csv", options: OpenOptions): Recording {
  const probes = async () => {
    const text = await readText(path, name);
    try {
      return kind === "avt" ? readWebsiteProbes(text, options) : readUpptimeProbes(text, options);
    } catch (error) {
      if (error instanceof RangeError) throw new RecordingError(name, error.message, { cause: error });
      throw error;
    }
  };
  return {
    name,
    requests: async function* () {
      yield* probeRequests(await probes(), { source: name, maxSpanMs: options.maxRequestSpanMs ?? Infinity });
    },
    times: async () => (await probes()).times,
  };
}

async function readText(path: string, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(path, name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function* readChunks(path: string, name: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const source = name.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // `pipe` passes no errors on
  if (source !== file) file.once("error", (error) => source.destroy(error));
  try {
    for await (const chunk of source) yield chunk;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isGzip = error instanceof Error && "code" in error && String(error.code).startsWith("Z");
    throw new RecordingError(name, isGzip ? `not gzip, or cut off: ${reason}` : reason, { cause: error });
  } finally {
    file.destroy();
  }
}
