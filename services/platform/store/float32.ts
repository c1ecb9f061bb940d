/** Feature vectors as bytes: float32, little endian whatever the machine, NaN = missing. */

export function floatsToBytes(floats: Float32Array): Buffer {
  const bytes = Buffer.allocUnsafe(floats.length * 4);
  for (let index = 0; index < floats.length; index++) bytes.writeFloatLE(floats[index]!, index * 4);
  return bytes;
}

/** Copies, because a pooled buffer need not be aligned. */
export function bytesToFloats(bytes: Buffer): Float32Array {
  const floats = new Float32Array(bytes.length >> 2);
  for (let index = 0; index < floats.length; index++) floats[index] = bytes.readFloatLE(index * 4);
  return floats;
}
