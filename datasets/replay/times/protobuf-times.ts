/** Finds the times of an OTLP request in protobuf and moves them in place: a fixed64 keeps its length, so that everything else stays
 *  as it was recorded, unknown fields included. Field numbers: opentelemetry-proto 1.11. */
import type { Signal } from "../../../models/telemetry/records.ts";
import { isSet, setFromWords } from "../../../models/telemetry/unix-nano.ts";
import { WIRE_BYTES, WIRE_FIXED64, WireReader } from "../../../models/telemetry/wire-reader.ts";
import { type TimeRange, unite } from "../reading/recorded-request.ts";
import { shiftTime } from "./shift-time.ts";

interface Shape {
  /** fixed64 fields that are times */
  times?: readonly number[];
  /** messages that hold times somewhere */
  inside?: Readonly<Record<number, Shape>>;
  /** of a record: its event time is the first of these that is set */
  eventTimes?: readonly number[];
}

const exemplar: Shape = { times: [2] };
/** @param exemplars the field that holds them */
const points = (exemplars?: number): Shape => ({
  inside: {
    1: {
      times: [2, 3],
      eventTimes: [3],
      ...(exemplars !== undefined && { inside: { [exemplars]: exemplar } }),
    },
  },
});
const request = (record: Shape): Shape => ({ inside: { 1: { inside: { 2: { inside: { 2: record } } } } } });

const SHAPES: Readonly<Record<Signal, Shape>> = {
  traces: request({ times: [7, 8], eventTimes: [8], inside: { 11: { times: [1] } } }),
  logs: request({ times: [1, 11], eventTimes: [1, 11] }),
  // gauge, sum, histogram, exponential histogram, summary
  metrics: request({ inside: { 5: points(5), 7: points(5), 9: points(8), 10: points(11), 11: points() } }),
};

export interface ProtobufContent {
  recordCount: number;
  times: TimeRange | null;
}

/** @throws TelemetryDecodeError when the bytes are not protobuf */
export function readProtobufContent(signal: Signal, bytes: Uint8Array): ProtobufContent {
  let recordCount = 0;
  let times: TimeRange | null = null;
  walk(new WireReader(bytes), bytes.length, SHAPES[signal], {
    time: () => {},
    record: (timeMs) => {
      recordCount += 1;
      if (timeMs !== null) times = unite(times, { firstMs: timeMs, lastMs: timeMs });
    },
  });
  return { recordCount, times };
}

/** @returns a copy @throws RangeError when a time would leave the range of OTLP */
export function shiftProtobuf(signal: Signal, bytes: Uint8Array, shiftNs: bigint): Uint8Array {
  const shifted = Uint8Array.from(bytes);
  const view = new DataView(shifted.buffer);
  walk(new WireReader(bytes), bytes.length, SHAPES[signal], {
    time: (offset) => view.setBigUint64(offset, shiftTime(view.getBigUint64(offset, true), shiftNs), true),
    record: () => {},
  });
  return shifted;
}

interface Visitor {
  /** @param offset of eight bytes */
  time(offset: number): void;
  /** @param timeMs null when the record has no time */
  record(timeMs: number | null): void;
}

function walk(reader: WireReader, end: number, shape: Shape, visitor: Visitor): void {
  const time = { ms: 0, nanos: 0 };
  const eventTimes = shape.eventTimes?.map((): number | null => null);
  while (reader.pos < end) {
    const tag = reader.tag();
    const field = tag >>> 3;
    const wireType = tag & 7;
    const inner = wireType === WIRE_BYTES ? shape.inside?.[field] : undefined;
    if (inner !== undefined) walk(reader, reader.limit(end), inner, visitor);
    else if (wireType === WIRE_FIXED64 && shape.times?.includes(field)) {
      visitor.time(reader.pos);
      const at = reader.fixed64();
      setFromWords(time, reader.words.getUint32(at, true), reader.words.getUint32(at + 4, true));
      const place = shape.eventTimes?.indexOf(field) ?? -1;
      if (place >= 0 && eventTimes !== undefined && isSet(time)) eventTimes[place] = time.ms;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  if (eventTimes !== undefined) visitor.record(eventTimes.find((ms) => ms !== null) ?? null);
}
