import { HarbingerError } from "../../platform/errors.ts";

export function tooLarge(maxBytes: number): HarbingerError {
  return new HarbingerError("TOO_LARGE", `the body is larger than ${maxBytes} bytes after decompression`);
}
