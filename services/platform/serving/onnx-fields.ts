/** Reads the fields of ONNX's protobuf messages, as far as cutting a graph needs. */
import { WIRE_BYTES, WireReader } from "../../../models/telemetry/wire-reader.ts";

export interface WireField {
  number: number;
  /** content of a length-delimited field; empty for others */
  payload: Uint8Array;
  /** of a varint, its low 32 bits */
  value: number;
  /** the field with its tag, to be copied as it is */
  whole: Uint8Array;
}

/** @throws TelemetryDecodeError on bytes that are no protobuf message */
export function fieldsOf(message: Uint8Array): WireField[] {
  const reader = new WireReader(message);
  const end = reader.bytes.length;
  const fields: WireField[] = [];
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.tag();
    let payload: Uint8Array = new Uint8Array(0);
    if ((tag & 7) === WIRE_BYTES) {
      const stop = reader.limit(end);
      payload = reader.bytes.subarray(reader.pos, stop);
      reader.pos = stop;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
    fields.push({ number: tag >>> 3, payload, value: reader.lo, whole: reader.bytes.subarray(start, reader.pos) });
  }
  return fields;
}

export function textOf({ payload }: WireField): string {
  return new TextDecoder().decode(payload);
}

const TENSOR_FLOAT = 1;

/** @returns null for a tensor of another type than float, or one whose data lies elsewhere */
export function floatTensor(tensor: Uint8Array): { dims: number[]; data: Float32Array } | null {
  const fields = fieldsOf(tensor);
  const isFloat = fields.some(({ number, value }) => number === 2 && value === TENSOR_FLOAT);
  const dims = intsOf(fields.filter(({ number }) => number === 1));
  const bytes = fields.find(({ number, payload }) => (number === 9 || number === 4) && payload.length > 0)?.payload;
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (!isFloat || bytes === undefined || bytes.length !== size * 4) return null;
  // copied, because floats must lie at a multiple of four; raw data is little endian, and so is packed float_data
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { dims, data: Float32Array.from({ length: size }, (_, index) => view.getFloat32(index * 4, true)) };
}

/** A repeated int64, packed or not. @param fields all with the number of that field; the low 32 bits of each count */
export function intsOf(fields: readonly WireField[]): number[] {
  return fields.flatMap(({ payload, value }) => {
    if (payload.length === 0) return [value];
    const reader = new WireReader(payload);
    const ints: number[] = [];
    while (reader.pos < payload.length) {
      reader.varint64();
      ints.push(reader.lo);
    }
    return ints;
  });
}

/** A repeated float, packed or not. @param fields all with the number of that field */
export function floatsOf(fields: readonly WireField[]): number[] {
  return fields.flatMap(({ payload, whole }) => {
    // one that is not packed ends with its four bytes
    const bytes = payload.length > 0 ? payload : whole.subarray(-4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: bytes.length >> 2 }, (_, index) => view.getFloat32(index * 4, true));
  });
}
