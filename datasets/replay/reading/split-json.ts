/** Cuts a stream of bytes into JSON values: objects that stand one after the other, pretty-printed or not, or one to a line. Only the
 *  value at hand is held in memory. UTF-8 keeps every byte below 0x80 for itself, so bytes can be searched as they are. */
import { RecordingError } from "./recorded-request.ts";

export interface JsonText {
  bytes: Buffer;
  /** where it starts, from 1 */
  line: number;
}

/** the largest HARBINGER_MAX_BODY_BYTES; whatever is larger is no OTLP request of ours */
export const MAX_REQUEST_BYTES = 1024 * 1024 * 1024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;

/** @throws RecordingError */
export async function* splitLines(chunks: AsyncIterable<Buffer>, source: string): AsyncGenerator<JsonText> {
  let parts: Buffer[] = [];
  let size = 0;
  let line = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const text = Buffer.concat([...parts, chunk.subarray(start, end)]);
      if (!isBlank(text)) yield { bytes: text, line };
      parts = [];
      size = 0;
      line += 1;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_REQUEST_BYTES) throw tooLarge(source, line);
  }
  const rest = Buffer.concat(parts);
  if (!isBlank(rest)) yield { bytes: rest, line };
}

/** @throws RecordingError when something stands between the objects, or the last one does not end */
export async function* splitObjects(chunks: AsyncIterable<Buffer>, source: string): AsyncGenerator<JsonText> {
  let parts: Buffer[] = [];
  let size = 0;
  let line = 1;
  let startLine = 1;
  let depth = 0;
  let isInText = false;
  let isEscaped = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!;
      if (byte === NEWLINE) line += 1;
      if (isInText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isInText = false;
        continue;
      }
      if (depth === 0) {
        if (byte === OPEN) {
          depth = 1;
          start = index;
          startLine = line;
        } else if (!isSpace(byte) && !isByteOrderMark(byte)) {
          throw new RecordingError(`${source}:${line}`, "expected a JSON object, one OTLP request");
        }
        continue;
      }
      if (byte === QUOTE) isInText = true;
      // [ is 0x5b and { is 0x7b; ] is 0x5d and } is 0x7d
      else if ((byte & 0xdf) === 0x5b) depth += 1;
      else if ((byte & 0xdf) === 0x5d) depth -= 1;
      if (depth === 0) {
        yield { bytes: Buffer.concat([...parts, chunk.subarray(start, index + 1)]), line: startLine };
        parts = [];
        size = 0;
      }
    }
    if (depth === 0) continue;
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_REQUEST_BYTES) throw tooLarge(source, startLine);
  }
  if (depth > 0) throw new RecordingError(`${source}:${startLine}`, "the JSON object that starts here does not end");
}

function isBlank(text: Buffer): boolean {
  return text.every(isSpace);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isByteOrderMark(byte: number): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf;
}

function tooLarge(source: string, line: number): RecordingError {
  return new RecordingError(`${source}:${line}`, "one request is larger than 1 GiB");
}
