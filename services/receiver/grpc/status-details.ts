/** google.rpc.Status with a google.rpc.RetryInfo, as it stands in `grpc-status-details-bin`. OTLP senders repeat RESOURCE_EXHAUSTED only
 *  when they find a RetryInfo there.
 *
 *      Status { code = 1, message = 2, repeated Any details = 3 }   Any { type_url = 1, value = 2 }
 *      RetryInfo { Duration retry_delay = 1 }                       Duration { seconds = 1 } */
import { messageField, textField, varintField } from "../../../models/telemetry/wire-writer.ts";

const RETRY_INFO_URL = "type.googleapis.com/google.rpc.RetryInfo";

/** @param retryAfterSeconds whole */
export function encodeStatusDetails(code: number, message: string, retryAfterSeconds: number): Uint8Array {
  const retryInfo = messageField(1, varintField(1, retryAfterSeconds));
  const any = [...textField(1, RETRY_INFO_URL), ...messageField(2, retryInfo)];
  return Uint8Array.from([...varintField(1, code), ...textField(2, message), ...messageField(3, any)]);
}
