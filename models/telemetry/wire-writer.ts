/** Writes the few protobuf fields of our answers; what is not set is not written. Requests are large and read by hand (wire-reader.ts),
 *  answers are a few bytes. */
export function varintField(field: number, value: number): number[] {
  return value === 0 ? [] : [field << 3, ...varint(value)];
}

export function textField(field: number, text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return bytes.length === 0 ? [] : [...tagged(field, bytes.length), ...bytes];
}

/** A message inside a message: it is written when it is empty too, because there it means something. */
export function messageField(field: number, content: readonly number[]): number[] {
  return [...tagged(field, content.length), ...content];
}

function tagged(field: number, length: number): number[] {
  return [(field << 3) | 2, ...varint(length)];
}

/** @param value whole, in [0, 2^53) */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
