/** What an OTLP server said: how many records it rejected and why, in either encoding, or why it refused the request. */
import type { Signal } from "../../../models/telemetry/records.ts";
import type { Encoding } from "../../../models/telemetry/summarise.ts";
import { WIRE_BYTES, WIRE_VARINT, WireReader } from "../../../models/telemetry/wire-reader.ts";

export interface PartialSuccess {
  rejectedCount: number;
  message: string;
}

export interface Rejections {
  /** records by reason */
  rejected: Map<string, number>;
  /** said of records that were accepted all the same */
  warnings: string[];
}

const REJECTED_FIELDS: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

/** @param body of a 200 @returns null when everything was accepted @throws when it is no such answer */
export function readExportAnswer(signal: Signal, encoding: Encoding, body: Uint8Array): PartialSuccess | null {
  if (body.length === 0) return null;
  if (encoding === "json") {
    const { partialSuccess } = asObject(JSON.parse(new TextDecoder().decode(body)));
    if (partialSuccess === undefined || partialSuccess === null) return null;
    const partial = asObject(partialSuccess);
    return {
      rejectedCount: Number(partial[REJECTED_FIELDS[signal]] ?? 0),
      message: String(partial.errorMessage ?? ""),
    };
  }
  const partial = fieldsOf(body, 0, body.length).bytes.get(1);
  if (partial === undefined) return null;
  const { varints, bytes } = fieldsOf(body, ...partial);
  return { rejectedCount: varints.get(1) ?? 0, message: textOf(body, bytes.get(2)) };
}

/** The message of a google.rpc.Status; what is none is quoted, shortened. */
export function readStatusMessage(encoding: Encoding, body: Uint8Array): string {
  try {
    if (encoding === "json") return String(asObject(JSON.parse(new TextDecoder().decode(body))).message ?? "");
    return textOf(body, fieldsOf(body, 0, body.length).bytes.get(2));
  } catch {
    return new TextDecoder().decode(body.subarray(0, 200));
  }
}

/** Harbinger writes its reasons as `3 too_old, 2 invalid_record`; another server's message is one reason. */
export function rejectionsOf({ rejectedCount, message }: PartialSuccess): Rejections {
  const rejected = new Map<string, number>();
  const others: string[] = [];
  let sum = 0;
  for (const part of message.split(", ").filter((text) => text !== "")) {
    const [, count, reason] = /^(\d+) ([a-z_]+)$/.exec(part) ?? [];
    if (count === undefined || reason === undefined) others.push(part);
    else {
      rejected.set(reason, (rejected.get(reason) ?? 0) + Number(count));
      sum += Number(count);
    }
  }
  if (sum === rejectedCount) return { rejected, warnings: others };
  return { rejected: new Map([[message || "no reason given", rejectedCount]]), warnings: [] };
}

function fieldsOf(message: Uint8Array, start: number, end: number) {
  const reader = new WireReader(message);
  reader.pos = start;
  const varints = new Map<number, number>();
  const bytes = new Map<number, [start: number, end: number]>();
  while (reader.pos < end) {
    const tag = reader.tag();
    if ((tag & 7) === WIRE_VARINT) {
      reader.varint64();
      varints.set(tag >>> 3, reader.hi * 2 ** 32 + reader.lo);
    } else if ((tag & 7) === WIRE_BYTES) {
      const stop = reader.limit(end);
      bytes.set(tag >>> 3, [reader.pos, stop]);
      reader.pos = stop;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return { varints, bytes };
}

function textOf(message: Uint8Array, range: [start: number, end: number] | undefined): string {
  return range === undefined ? "" : new TextDecoder().decode(message.subarray(...range));
}

function asObject(value: unknown): { readonly [name: string]: unknown } {
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  // an object's fields are unknown until they are looked at
  return value as { readonly [name: string]: unknown };
}
