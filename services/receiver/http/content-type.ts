/** Reads the header that says how a body is written. */
import type { Encoding } from "../../../models/telemetry/summarise.ts";

/** @param contentType with or without parameters @returns null when it is neither of OTLP's two */
export function encodingOf(contentType: string | undefined): Encoding | null {
  const [type = "", ...parameters] = (contentType ?? "").split(";").map((part) => part.trim().toLowerCase());
  if (type === "application/x-protobuf") return "protobuf";
  if (type !== "application/json") return null;
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  return charset === undefined || /^"?utf-?8"?$/.test(charset) ? "json" : null;
}
