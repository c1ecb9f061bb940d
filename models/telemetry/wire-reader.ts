/** The protobuf wire format, read by hand: varints, fixed words and length-delimited fields over one byte array.
 *  Source: https://protobuf.dev/programming-guides/encoding/.
 *
 *      field = tag value          tag = varint (number << 3 | wire type)
 *      wire type 0 varint · 1 eight bytes · 2 varint length, then that many bytes · 3, 4 group (obsolete) · 5 four bytes
 *
 *  What differs from generated decoders: nothing is copied or decoded until it is asked for, so that a reader can walk past what
 *  it does not need. Bytes outside the array read as 0 without a check of their own: every loop over fields compares the
 *  position with the end of its message once per field (`ensureWithin`), which catches all of them.
 *  Text is lenient UTF-8: bad sequences become U+FFFD, as they do in the JSON encoding. */
import { undecodable } from "./decode-error.ts";
import { TextCache } from "./text-cache.ts";

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
const WIRE_GROUP_START = 3;
const WIRE_GROUP_END = 4;
const WIRE_FIXED32 = 5;

const MAX_GROUP_DEPTH = 32;

export class WireReader {
  readonly bytes: Uint8Array;
  pos = 0;
  /** words of the last varint read, each in [0, 2^32) */
  lo = 0;
  hi = 0;
  /** a view of all of `bytes` */
  readonly words: DataView;
  readonly #texts: TextCache;

  constructor(body: Uint8Array, texts = new TextCache()) {
    // a Buffer is another class than a Uint8Array, and code that meets both is compiled for both
    this.bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    this.words = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#texts = texts;
  }

  /** @returns number << 3 | wire type @throws TelemetryDecodeError on number 0 or more than 32 bits */
  tag(): number {
    const first = this.bytes[this.pos]!;
    if (first < 0x80) {
      this.pos += 1;
      if (first < 8) throw undecodable("a protobuf field has number 0");
      return first;
    }
    const tag = this.#uint32();
    if (tag < 8) throw undecodable("a protobuf field has number 0");
    return tag;
  }

  /** Reads the length of a length-delimited field. @returns the position just after that field @throws when it passes `end` */
  limit(end: number): number {
    const first = this.bytes[this.pos]!;
    let length = first;
    if (first < 0x80) this.pos += 1;
    else length = this.#uint32();
    const stop = this.pos + length;
    if (!(stop <= end)) throw undecodable("a protobuf field is longer than its message");
    return stop;
  }

  /** Reads a varint into `lo` and `hi`. */
  varint64(): void {
    const { bytes } = this;
    let pos = this.pos;
    let lo = 0;
    let hi = 0;
    for (let index = 0; index < 10; index += 1) {
      const byte = bytes[pos++]!;
      const bits = byte & 0x7f;
      if (index < 4) lo |= bits << (7 * index);
      else if (index === 4) {
        lo |= bits << 28;
        hi = bits >> 4;
      } else hi |= bits << (7 * index - 32);
      if (!(byte & 0x80)) {
        this.pos = pos;
        this.lo = lo >>> 0;
        this.hi = hi >>> 0;
        return;
      }
    }
    throw undecodable("a protobuf varint is longer than ten bytes");
  }

  /** Reads a varint as an enum or int32: its low 32 bits, signed. */
  int32(): number {
    const first = this.bytes[this.pos]!;
    if (first < 0x80) {
      this.pos += 1;
      return first;
    }
    this.varint64();
    return this.lo | 0;
  }

  /** Walks past a fixed64. Its words are for the caller to read: as fields of the reader they would be allocated, because few of
   *  them are small integers. @returns where its eight bytes stand */
  fixed64(): number {
    const at = this.pos;
    if (at + 8 > this.bytes.length) throw undecodable("a protobuf message ends inside a field");
    this.pos = at + 8;
    return at;
  }

  fixed32(): number {
    if (this.pos + 4 > this.bytes.length) throw undecodable("a protobuf message ends inside a field");
    const value = this.words.getUint32(this.pos, true);
    this.pos += 4;
    return value;
  }

  double(): number {
    return this.words.getFloat64(this.fixed64(), true);
  }

  /** Decodes the text in [start, end). */
  text(start: number, end: number): string {
    return this.#texts.text(this.bytes, this.words, start, end);
  }

  /** Walks past one field's value. */
  skip(tag: number, end: number, depth = 0): void {
    switch (tag & 7) {
      case WIRE_VARINT:
        this.varint64();
        break;
      case WIRE_FIXED64:
        this.pos += 8;
        break;
      case WIRE_BYTES:
        this.pos = this.limit(end);
        break;
      case WIRE_FIXED32:
        this.pos += 4;
        break;
      case WIRE_GROUP_START:
        this.#skipGroup(tag, end, depth + 1);
        break;
      default:
        throw undecodable("a protobuf field has an unknown wire type");
    }
  }

  /** To be called once after each field: nothing may have read past the message. */
  ensureWithin(end: number): void {
    if (this.pos > end) throw undecodable("a protobuf message ends inside a field");
  }

  #skipGroup(start: number, end: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) throw undecodable("a protobuf message is nested too deeply");
    while (this.pos < end) {
      const tag = this.tag();
      if ((tag & 7) === WIRE_GROUP_END) {
        if (tag >>> 3 !== start >>> 3) throw undecodable("a protobuf group ends with another's number");
        return;
      }
      this.skip(tag, end, depth);
      this.ensureWithin(end);
    }
    throw undecodable("a protobuf group does not end");
  }

  #uint32(): number {
    this.varint64();
    if (this.hi !== 0) throw undecodable("a protobuf length or tag is out of range");
    return this.lo;
  }
}
