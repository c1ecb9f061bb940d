/** Parses a JSON request within bounds, and walks what the three requests share. `JSON.parse` needs many times a body's size
 *  when the body is all brackets, so brackets are counted first: 64 MiB of `[` must cost 64 MiB. */
import type { AnyValueMap } from "./any-value.ts";
import { TelemetryDecodeError, undecodable } from "./decode-error.ts";
import { asList, asObject, type JsonObject, optionalObject, readKeyValues } from "./json-values.ts";

const MAX_JSON_DEPTH = 128;
/** A request of the default maximum size, 64 MiB, has at most one object or list in 16 bytes. */
const MAX_JSON_CONTAINERS = 4 * 1024 * 1024;

export interface EnvelopeNames {
  resources: "resourceSpans" | "resourceLogs" | "resourceMetrics";
  scopes: "scopeSpans" | "scopeLogs" | "scopeMetrics";
  records: "spans" | "logRecords" | "metrics";
}

/** @param readRecord gets each record, an object for certain */
export function readJsonEnvelope(
  bytes: Uint8Array,
  names: EnvelopeNames,
  enterResource: (attributes: () => AnyValueMap) => void,
  readRecord: (record: JsonObject) => void,
): void {
  const request = asObject(parseJson(bytes), "the request");
  for (const entry of asList(request[names.resources], names.resources)) {
    const group = asObject(entry, names.resources);
    const resource = optionalObject(group.resource, "a resource");
    enterResource(() => readKeyValues(resource.attributes, new Map()));
    for (const scopeEntry of asList(group[names.scopes], names.scopes)) {
      const scope = asObject(scopeEntry, names.scopes);
      for (const record of asList(scope[names.records], names.records)) readRecord(asObject(record, names.records));
    }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  checkBrackets(bytes);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // the parser's message quotes the body, which must not reach an answer or a log
    throw undecodable("the body is not JSON");
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** @throws TelemetryDecodeError when brackets nest too deeply or are too many */
function checkBrackets(bytes: Uint8Array): void {
  let depth = 0;
  let containers = 0;
  let isInText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (byte === QUOTE) isInText = !isInText;
    else if (byte === BACKSLASH) {
      // only texts have escapes; the next byte may be a quote that ends nothing
      index += 1;
    } else if (!isInText) {
      // [ is 0x5b and { is 0x7b; ] is 0x5d and } is 0x7d
      const bracket = byte & 0xdf;
      if (bracket === 0x5b) {
        depth += 1;
        containers += 1;
        if (depth > MAX_JSON_DEPTH) throw undecodable("the JSON is nested too deeply");
        if (containers > MAX_JSON_CONTAINERS)
          throw new TelemetryDecodeError("too_large", "the JSON has too many objects");
      } else if (bracket === 0x5d) depth -= 1;
    }
  }
}
