/** Damages that keep most of a protobuf message readable, and break one thing in it: its fields are found by walking the wire, and
 *  what holds them keeps its length unless the length is what is wrong. */
import { below, concat, type Mutation, oneOf, type Random } from "./mutate-bytes.ts";

interface Field {
  start: number;
  /** of the value, after tag and length */
  valueStart: number;
  end: number;
  number: number;
  wireType: number;
  /** the fields around it, outermost first */
  parents: Field[];
}

const MAX_DEPTH = 12;

/** Lengths and numbers at which readers go wrong. */
const EDGE_NUMBERS: readonly bigint[] = [
  0n,
  1n,
  127n,
  128n,
  16_383n,
  16_384n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

export const protobufMutations: Readonly<Record<string, Mutation>> = {
  "field lost": editing((field, body) => replaced(body, field, new Uint8Array())),
  "field doubled": editing((field, body) => {
    const bytes = body.subarray(field.start, field.end);
    return replaced(body, field, concat(bytes, bytes));
  }),
  "field moved to another place": editing((field, body, random, fields) => {
    const target = oneOf(random, fields);
    return replaced(
      body,
      target,
      concat(body.subarray(field.start, field.end), body.subarray(target.start, target.end)),
    );
  }),
  "length edited": editing((field, body, random) => {
    if (field.wireType !== 2) return replaced(body, field, tag(field.number, 2));
    const length =
      random() < 0.5 ? BigInt(field.end - field.valueStart + below(random, 7) - 3) : oneOf(random, EDGE_NUMBERS);
    const written = concat(tag(field.number, 2), varint(length < 0n ? 2n ** 64n + length : length));
    return concat(body.subarray(0, field.start), written, body.subarray(field.valueStart));
  }),
  "wire type changed": editing((field, body, random) =>
    replaced(body, field, concat(tag(field.number, below(random, 8)), body.subarray(field.valueStart, field.end))),
  ),
  "number changed": editing((field, body, random) => {
    const head = tag(random() < 0.5 ? below(random, 20) : oneOf(random, [0, 2 ** 28, 2 ** 29 - 1]), field.wireType);
    const length = field.wireType === 2 ? varint(BigInt(field.end - field.valueStart)) : [];
    return replaced(body, field, concat(head, length, body.subarray(field.valueStart, field.end)));
  }),
  "value replaced by an edge number": editing((field, body, random) => {
    const value = varint(oneOf(random, EDGE_NUMBERS));
    if (field.wireType === 0) return replaced(body, field, concat(tag(field.number, 0), value));
    const eight = new Uint8Array(8);
    new DataView(eight.buffer).setBigUint64(0, oneOf(random, EDGE_NUMBERS), true);
    return replaced(body, field, concat(tag(field.number, 1), eight));
  }),
  "varint inserted": editing((field, body, random) => {
    const overlong =
      random() < 0.3 ? [...Array.from({ length: 1 + below(random, 12) }, () => 0x80), below(random, 128)] : null;
    const number = overlong ?? varint(oneOf(random, EDGE_NUMBERS));
    return replaced(body, field, concat(number, body.subarray(field.start, field.end)));
  }),
  "unknown field inserted": editing((field, body, random) => {
    const head = tag(100 + below(random, 1_000), oneOf(random, [0, 1, 2, 5]));
    const value = Array.from({ length: below(random, 10) }, () => below(random, 256));
    return replaced(body, field, concat(head, value, body.subarray(field.start, field.end)));
  }),
  "wrapped in a group": editing((field, body, random) => {
    const number = random() < 0.8 ? field.number : field.number + 1;
    const inner = body.subarray(field.start, field.end);
    const end = random() < 0.8 ? tag(number, 4) : tag(number + below(random, 2), 4);
    return replaced(body, field, concat(tag(number, 3), inner, random() < 0.9 ? end : []));
  }),
  "groups nested deep": editing((field, body, random) => {
    const depth = 1 + below(random, 300);
    const open = Array.from({ length: depth }, () => tag(field.number, 3));
    const close = Array.from({ length: random() < 0.7 ? depth : below(random, depth) }, () => tag(field.number, 4));
    return replaced(body, field, concat(...open, ...close));
  }),
  "value nested deep": editing((field, body, random) => {
    // AnyValue: arrayValue (5) { values (1) { … } } or kvlistValue (6) { values (1) { value (2) { … } } }
    let value = concat(tag(3, 0), [1]);
    const isList = random() < 0.5;
    for (let depth = below(random, 60); depth > 0; depth -= 1) {
      value = isList ? wrap(5, wrap(1, value)) : wrap(6, wrap(1, wrap(2, value)));
    }
    return replaced(body, field, wrap(field.number, random() < 0.5 ? value : wrap(2, value)));
  }),
  "text made unstorable": editing((field, body, random) => {
    const nasty = oneOf<readonly number[]>(random, [
      [0x00],
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
      [0xff, 0xfe],
      [0xf0, 0x9f, 0x92],
      [0xef, 0xbb, 0xbf],
      [...new TextEncoder().encode("__proto__")],
    ]);
    const kept = body.subarray(field.valueStart, field.end);
    return replaced(body, field, wrap(field.number, random() < 0.5 ? concat(nasty) : concat(kept, nasty)));
  }),
  "text made long": editing((field, body, random) =>
    replaced(body, field, wrap(field.number, new Uint8Array(below(random, 20_000)).fill(0x61))),
  ),
};

/** Applies an edit to one field of the message. A body without fields comes back as it is. */
function editing(
  edit: (field: Field, body: Uint8Array, random: Random, fields: readonly Field[]) => Uint8Array,
): Mutation {
  return (body, _other, random) => {
    const fields = fieldsOf(body);
    return fields.length === 0 ? body : edit(oneOf(random, fields), body, random, fields);
  };
}

/** Puts other bytes in a field's place and sets the lengths of all that is around it. */
function replaced(body: Uint8Array, field: Field, bytes: Uint8Array): Uint8Array {
  let part = bytes;
  let { start, end } = field;
  for (const parent of field.parents.toReversed()) {
    part = wrap(parent.number, concat(body.subarray(parent.valueStart, start), part, body.subarray(end, parent.end)));
    ({ start, end } = parent);
  }
  return concat(body.subarray(0, start), part, body.subarray(end));
}

/** Every field of the message and of what looks like messages in it. */
function fieldsOf(body: Uint8Array): Field[] {
  const found: Field[] = [];
  walk(body, 0, body.length, [], found);
  return found;
}

/** @returns whether all of [start, end) is fields */
function walk(body: Uint8Array, start: number, end: number, parents: Field[], found: Field[]): boolean {
  const before = found.length;
  let at = start;
  while (at < end) {
    const head = readVarint(body, at);
    const wireType = head.value & 7;
    const field: Field = {
      start: at,
      valueStart: head.next,
      end: head.next,
      number: head.value >>> 3,
      wireType,
      parents,
    };
    if (wireType === 0) field.end = readVarint(body, head.next).next;
    else if (wireType === 1) field.end = head.next + 8;
    else if (wireType === 5) field.end = head.next + 4;
    else if (wireType === 2) {
      const length = readVarint(body, head.next);
      field.valueStart = length.next;
      field.end = length.next + length.value;
    } else field.end = Number.POSITIVE_INFINITY;
    if (field.end > end || field.number === 0) {
      found.length = before;
      return false;
    }
    found.push(field);
    if (wireType === 2 && parents.length < MAX_DEPTH)
      walk(body, field.valueStart, field.end, [...parents, field], found);
    at = field.end;
  }
  return true;
}

function readVarint(body: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = body[start + index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: start + index + 1 };
  }
  return { value, next: start + 5 };
}

const tag = (number: number, wireType: number): Uint8Array => varint((BigInt(number) << 3n) | BigInt(wireType));
const wrap = (number: number, content: Uint8Array): Uint8Array =>
  concat(tag(number, 2), varint(BigInt(content.length)), content);

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}
