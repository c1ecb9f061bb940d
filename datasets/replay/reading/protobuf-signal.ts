/** Which signal a protobuf request carries. All three look the same from outside (`protobuf-envelope.ts`), so the fields of the
 *  first record decide:
 *
 *      span        7, 8: start and end time, eight bytes each
 *      log record  1, 11: times, eight bytes each; 2: severity, a varint
 *      metric      1: its name, and one of 5, 7, 9, 10, 11: its points; never a varint
 *
 *  A span without any time could pass for a metric; no exporter writes one. */
import type { Signal } from "../../../models/telemetry/records.ts";
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT, WireReader } from "../../../models/telemetry/wire-reader.ts";

const tagOf = (field: number, wireType: number) => (field << 3) | wireType;

const METRIC_KINDS = [5, 7, 9, 10, 11];
const ENVELOPE = [tagOf(1, WIRE_BYTES), tagOf(2, WIRE_BYTES), tagOf(2, WIRE_BYTES)];

/** @returns null when nothing in it tells @throws TelemetryDecodeError when the bytes are not protobuf */
export function signalOfProtobuf(bytes: Uint8Array): Signal | null {
  const reader = new WireReader(bytes);
  let signal: Signal | null = null;
  descend(reader, bytes.length, 0, (tags) => {
    signal = signalOfTags(tags);
    return signal !== null;
  });
  return signal;
}

/** @param onRecord gets the tags of a record; true ends the search */
function descend(
  reader: WireReader,
  end: number,
  level: number,
  onRecord: (tags: ReadonlySet<number>) => boolean,
): boolean {
  if (level === ENVELOPE.length) return onRecord(tagsOf(reader, end));
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === ENVELOPE[level]) {
      if (descend(reader, reader.limit(end), level + 1, onRecord)) return true;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return false;
}

function tagsOf(reader: WireReader, end: number): Set<number> {
  const tags = new Set<number>();
  while (reader.pos < end) {
    const tag = reader.tag();
    tags.add(tag);
    reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return tags;
}

function signalOfTags(tags: ReadonlySet<number>): Signal | null {
  const has = (field: number, wireType: number) => tags.has(tagOf(field, wireType));
  if (has(7, WIRE_FIXED64) || has(8, WIRE_FIXED64)) return "traces";
  if (has(1, WIRE_FIXED64) || has(11, WIRE_FIXED64) || has(2, WIRE_VARINT)) return "logs";
  const kinds = METRIC_KINDS.filter((field) => has(field, WIRE_BYTES));
  return has(1, WIRE_BYTES) && kinds.length === 1 ? "metrics" : null;
}
