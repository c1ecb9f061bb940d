/** Reads the two headers that say how a body is written. */
import type { Encoding } from "../../../models/telemetry/summarise.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Compression } from "../intake/inflate.ts";

/** @param contentType with or without parameters @returns null when it is neither of OTLP's two */
export function encodingOf(contentType: string | undefined): Encoding | null {
  const [type = "", ...parameters] = (contentType ?? "").split(";").map((part) => part.trim().toLowerCase());
  if (type === "application/x-protobuf") return "protobuf";
  if (type !== "application/json") return null;
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  return charset === undefined || /^"?utf-?8"?$/.test(charset) ? "json" : null;
}

/** @param supported what this Node can inflate @throws UNSUPPORTED_MEDIA_TYPE */
export function compressionOf(contentEncoding: string | undefined, supported: readonly Compression[]): Compression {
  const name = (contentEncoding ?? "").trim().toLowerCase();
  if (name === "") return "identity";
  const compression = supported.find((known) => known === name || (known === "gzip" && name === "x-gzip"));
  if (compression !== undefined) return compression;
  throw new HarbingerError("UNSUPPORTED_MEDIA_TYPE", `Content-Encoding must be one of ${supported.join(", ")}`);
}
