/** The name of a compression, as it stands in Content-Encoding and in grpc-encoding. */
import { HarbingerError } from "../../platform/errors.ts";
import { type Compression, SUPPORTED_COMPRESSIONS } from "./inflate.ts";

/** @param value one name; a list of several, each applied over the one before, is refused like an unknown name
 *  @throws UNSUPPORTED_MEDIA_TYPE */
export function compressionOf(header: string, value: string | string[] | undefined): Compression {
  const name = String(value ?? "")
    .trim()
    .toLowerCase();
  if (name === "") return "identity";
  const compression = SUPPORTED_COMPRESSIONS.find((known) => known === name || (known === "gzip" && name === "x-gzip"));
  if (compression !== undefined) return compression;
  throw new HarbingerError("UNSUPPORTED_MEDIA_TYPE", `${header} must be one of ${SUPPORTED_COMPRESSIONS.join(", ")}`);
}
