/** What each kind of error becomes on each edge of the receiver: an HTTP status with the code inside its `google.rpc.Status` body, and a
 *  gRPC status. Senders repeat only what is listed here as repeated, and drop on everything else: whatever may pass by itself must be
 *  one of these.
 *
 *  HTTP: 429, 502, 503, 504.   gRPC: CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS, and
 *  RESOURCE_EXHAUSTED only when the answer carries a RetryInfo. */
import { RPC_CODE } from "../../models/telemetry/export-response.ts";
import type { ErrorKind } from "../platform/errors.ts";

export interface OtlpStatus {
  httpStatus: number;
  /** in the body of the HTTP answer */
  rpcCode: number;
  grpcCode: number;
  /** sent as Retry-After and as google.rpc.RetryInfo; absent: neither is sent */
  retryAfterSeconds?: number;
}

export const STATUS_TABLE: Readonly<Record<ErrorKind, OtlpStatus>> = {
  malformed: { httpStatus: 400, rpcCode: RPC_CODE.invalidArgument, grpcCode: RPC_CODE.invalidArgument },
  invalid_input: { httpStatus: 400, rpcCode: RPC_CODE.invalidArgument, grpcCode: RPC_CODE.invalidArgument },
  unauthenticated: { httpStatus: 401, rpcCode: RPC_CODE.unauthenticated, grpcCode: RPC_CODE.unauthenticated },
  forbidden: { httpStatus: 403, rpcCode: RPC_CODE.permissionDenied, grpcCode: RPC_CODE.permissionDenied },
  not_found: { httpStatus: 404, rpcCode: RPC_CODE.notFound, grpcCode: RPC_CODE.unimplemented },
  method_not_allowed: { httpStatus: 405, rpcCode: RPC_CODE.unimplemented, grpcCode: RPC_CODE.unimplemented },
  // not ABORTED, which gRPC senders would repeat
  conflict: { httpStatus: 409, rpcCode: RPC_CODE.failedPrecondition, grpcCode: RPC_CODE.failedPrecondition },
  too_large: { httpStatus: 413, rpcCode: RPC_CODE.resourceExhausted, grpcCode: RPC_CODE.resourceExhausted },
  unsupported_media_type: { httpStatus: 415, rpcCode: RPC_CODE.invalidArgument, grpcCode: RPC_CODE.unimplemented },
  overloaded: {
    httpStatus: 429,
    rpcCode: RPC_CODE.resourceExhausted,
    grpcCode: RPC_CODE.resourceExhausted,
    retryAfterSeconds: 1,
  },
  bug: { httpStatus: 500, rpcCode: RPC_CODE.internal, grpcCode: RPC_CODE.internal },
  unavailable: {
    httpStatus: 503,
    rpcCode: RPC_CODE.unavailable,
    grpcCode: RPC_CODE.unavailable,
    retryAfterSeconds: 5,
  },
};
