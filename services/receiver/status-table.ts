/** What each kind of error becomes on OTLP/HTTP. Senders retry only 429, 502, 503 and 504 and drop on everything else, so whatever
 *  may pass by itself must be one of these. */
import { RPC_CODE } from "../../models/telemetry/export-response.ts";
import type { ErrorKind } from "../platform/errors.ts";

export interface OtlpStatus {
  httpStatus: number;
  rpcCode: number;
  /** sent as Retry-After */
  retryAfterSeconds?: number;
}

export const STATUS_TABLE: Readonly<Record<ErrorKind, OtlpStatus>> = {
  malformed: { httpStatus: 400, rpcCode: RPC_CODE.invalidArgument },
  invalid_input: { httpStatus: 400, rpcCode: RPC_CODE.invalidArgument },
  unauthenticated: { httpStatus: 401, rpcCode: RPC_CODE.unauthenticated },
  forbidden: { httpStatus: 403, rpcCode: RPC_CODE.permissionDenied },
  not_found: { httpStatus: 404, rpcCode: RPC_CODE.notFound },
  method_not_allowed: { httpStatus: 405, rpcCode: RPC_CODE.unimplemented },
  conflict: { httpStatus: 409, rpcCode: RPC_CODE.aborted },
  too_large: { httpStatus: 413, rpcCode: RPC_CODE.resourceExhausted },
  unsupported_media_type: { httpStatus: 415, rpcCode: RPC_CODE.invalidArgument },
  overloaded: { httpStatus: 429, rpcCode: RPC_CODE.resourceExhausted, retryAfterSeconds: 1 },
  bug: { httpStatus: 500, rpcCode: RPC_CODE.internal },
  unavailable: { httpStatus: 503, rpcCode: RPC_CODE.unavailable, retryAfterSeconds: 5 },
};
