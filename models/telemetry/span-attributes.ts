/** The few attributes that every span is looked over for, in whichever encoding. */
import { type AnyValue, scalarNumber, scalarText } from "./any-value.ts";
import { NameTable } from "./name-table.ts";
import { HTTP_STATUS_ATTRIBUTES, PEER_ATTRIBUTES } from "./semconv.ts";

export const SPAN_ATTRIBUTES = new NameTable([...PEER_ATTRIBUTES, ...HTTP_STATUS_ATTRIBUTES]);

/** What one span has of them. */
interface ScannedAttributes {
  /** @param index in SPAN_ATTRIBUTES @returns undefined when there is none; null when it is empty */
  value(index: number): AnyValue | undefined;
}

/** @returns http.response.status_code, 0 when there is none */
export function httpStatusCodeIn(attributes: ScannedAttributes): number {
  for (let index = PEER_ATTRIBUTES.length; index < SPAN_ATTRIBUTES.names.length; index += 1) {
    const code = scalarNumber(attributes.value(index));
    if (code !== 0) return code;
  }
  return 0;
}

/** @returns who is called */
export function peerIn(attributes: ScannedAttributes): string | undefined {
  for (let index = 0; index < PEER_ATTRIBUTES.length; index += 1) {
    const text = scalarText(attributes.value(index));
    if (text !== undefined) return text;
  }
  return undefined;
}
