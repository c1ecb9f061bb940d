/** OpenTelemetry semantic conventions 1.44, pinned here: the names Harbinger reads, and the older names that still arrive. */
import { type AnyValueMap, scalarText } from "./any-value.ts";

export const SPAN_KIND = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export const STATUS_CODE = { unset: 0, ok: 1, error: 2 } as const;
export const TEMPORALITY = { unspecified: 0, delta: 1, cumulative: 2 } as const;
/** data point flag: the point says that its series has no value now */
export const FLAG_NO_RECORDED_VALUE = 1;
export const SEVERITY_ERROR = 17;
/** what a resource without `service.name` is called by the specification */
export const UNKNOWN_SERVICE = "unknown_service";

export const EXCEPTION_EVENT = "exception";
export const EXCEPTION_TYPE = "exception.type";
export const EXCEPTION_MESSAGE = "exception.message";
export const EXCEPTION_STACKTRACE = "exception.stacktrace";
export const EXCEPTION_PREFIX = "exception.";

/** Who is called, best name first: https://opentelemetry.io/docs/specs/semconv/attributes/ (peer, server, network, db, messaging). */
export const PEER_ATTRIBUTES = [
  "peer.service",
  "server.address",
  "net.peer.name",
  "network.peer.address",
  "net.peer.ip",
  "db.system.name",
  "db.system",
  "messaging.destination.name",
  "messaging.system",
  "rpc.service",
] as const;

/** Newest name first. */
export const HTTP_STATUS_ATTRIBUTES = ["http.response.status_code", "http.status_code"] as const;

/** Older name → the name it has now. */
const RENAMED = new Map<string, string>([
  ["http.status_code", "http.response.status_code"],
  ["http.method", "http.request.method"],
  ["rpc.system", "rpc.system.name"],
  ["rpc.status_code", "rpc.response.status_code"],
  ["rpc.grpc.status_code", "rpc.response.status_code"],
  ["rpc.connect_rpc.error_code", "rpc.response.status_code"],
  ["db.system", "db.system.name"],
  ["db.operation", "db.operation.name"],
  ["db.name", "db.namespace"],
  ["db.sql.table", "db.collection.name"],
  ["messaging.operation", "messaging.operation.name"],
  ["messaging.destination", "messaging.destination.name"],
  ["net.peer.name", "server.address"],
  ["net.peer.port", "server.port"],
  ["net.peer.ip", "network.peer.address"],
  ["net.sock.peer.addr", "network.peer.address"],
  ["code.function", "code.function.name"],
  ["code.filepath", "code.file.path"],
  ["code.lineno", "code.line.number"],
  ["deployment.environment", "deployment.environment.name"],
]);

/** gRPC codes by number, https://grpc.io/docs/guides/status-codes/; the older attribute carries the number. */
const GRPC_CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Attributes of an error record that are kept, besides those whose name says that they carry a code. None of them is text from
 *  a person or a payload (`url.full`, `db.query.text` are left out on purpose). */
const KEPT = new Set([
  "error.type",
  "http.response.status_code",
  "http.request.method",
  "http.route",
  "rpc.system.name",
  "rpc.service",
  "rpc.method",
  "rpc.response.status_code",
  "db.system.name",
  "db.operation.name",
  "db.namespace",
  "db.collection.name",
  "db.response.status_code",
  "process.exit.code",
  "process.exit.signal",
  "messaging.system",
  "messaging.operation.name",
  "messaging.destination.name",
  "server.address",
  "server.port",
  "network.peer.address",
  "network.peer.port",
  "peer.service",
  "code.function.name",
  "code.file.path",
  "code.line.number",
  "exception.escaped",
  "event.name",
  "logger.name",
  "thread.name",
]);

const CARRIES_CODE = /^(error|k8s|aws\.error|grpc)\.|(^|[._])(code|errno|sqlstate|exit_status|signal|reason)$/i;

/** The attribute's present-day name, or null when an error record does not keep it. */
export function keptAttributeName(key: string): string | null {
  const name = RENAMED.get(key) ?? key;
  if (name.startsWith(EXCEPTION_PREFIX) && name !== "exception.escaped") return null;
  return KEPT.has(name) || CARRIES_CODE.test(name) ? name : null;
}

/** A numeric gRPC code under its name, anything else unchanged. */
export function statusCodeValue(olderKey: string, value: string | number | boolean): string | number | boolean {
  if (olderKey !== "rpc.grpc.status_code" || value === "") return value;
  return GRPC_CODES[Number(value)] ?? value;
}

/** `exception`, or an event name in a namespace of its own such as `app.checkout.exception`. */
export function isExceptionEventName(name: string): boolean {
  return name === EXCEPTION_EVENT || name.endsWith(".exception");
}

/** The first of `names` that has a value, as text. */
export function firstText(attributes: AnyValueMap, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = scalarText(attributes.get(name));
    if (text !== undefined) return text;
  }
  return undefined;
}
