/** The requests in a file of protobuf: either the file is one request, or each is preceded by its length in four bytes, big-endian, as
 *  the Collector's file exporter writes them (exporter/fileexporter README, "File Format").
 *
 *  The first byte tells them apart: a request starts with 0x0a, the tag of its first field; a length starts with 0x00 unless the
 *  request is larger than 16 MiB, and 0x0a would mean 160 MiB. */
import { RecordingError } from "./recorded-request.ts";
import { MAX_REQUEST_BYTES } from "./split-json.ts";

const FIRST_TAG = 0x0a;
const LENGTH_BYTES = 4;

export interface ProtobufFrame {
  bytes: Buffer;
  /** from 1 */
  number: number;
}

/** @throws RecordingError when the file ends inside a request */
export async function* splitFrames(chunks: AsyncIterable<Buffer>, source: string): AsyncGenerator<ProtobufFrame> {
  let parts: Buffer[] = [];
  let size = 0;
  let isWhole: boolean | null = null;
  let number = 0;
  /** bytes that the next step needs: a length, then a length and its request */
  let needed = LENGTH_BYTES;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    isWhole ??= chunk[0] === FIRST_TAG;
    if (isWhole) {
      if (size > MAX_REQUEST_BYTES) throw new RecordingError(source, "one request is larger than 1 GiB");
      continue;
    }
    while (size >= needed) {
      const head = join(parts);
      parts = [head];
      const length = head.readUInt32BE(0);
      if (length > MAX_REQUEST_BYTES) throw new RecordingError(`${source} (request ${number + 1})`, noProtobuf(head));
      needed = LENGTH_BYTES + length;
      if (size < needed) break;
      number += 1;
      if (length > 0) yield { bytes: head.subarray(LENGTH_BYTES, needed), number };
      parts = [head.subarray(needed)];
      size -= needed;
      needed = LENGTH_BYTES;
    }
  }
  if (isWhole) yield { bytes: join(parts), number: 1 };
  else if (size > 0) throw new RecordingError(`${source} (request ${number + 1})`, "the file ends inside this request");
}

function join(parts: Buffer[]): Buffer {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function noProtobuf(head: Buffer): string {
  const first = head.subarray(0, LENGTH_BYTES).toString("hex");
  return `neither an OTLP request nor a length before one (it starts with 0x${first})`;
}
