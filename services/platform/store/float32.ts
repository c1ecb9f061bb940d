/** Feature vectors as bytes: float32, little endian whatever the machine, NaN = missing. */
import { endianness } from "node:os";

const IS_LITTLE_ENDIAN = endianness() === "LE";

export function floatsToBytes(floats: Float32Array): Buffer {
  const bytes = Buffer.from(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
  return IS_LITTLE_ENDIAN ? bytes : bytes.swap32();
}

/** Copies, because a pooled buffer need not be aligned. */
export function bytesToFloats(bytes: Buffer): Float32Array {
  const floats = new Float32Array(bytes.length >> 2);
  const own = Buffer.from(floats.buffer);
  bytes.copy(own, 0, 0, own.length);
  if (!IS_LITTLE_ENDIAN) own.swap32();
  return floats;
}
