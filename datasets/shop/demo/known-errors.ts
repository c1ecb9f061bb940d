/** Errors of the shop as its services report them, with what they are by the shop's own source. */
import type { ErrorInput } from "./harbinger-api.ts";

export interface KnownError {
  expectedClass: string;
  error: ErrorInput;
}

function known(expectedClass: string, service: string, type: string, message: string, stack: string[]): KnownError {
  return {
    expectedClass,
    error: {
      exception: {
        type,
        message,
        stacktrace: [`${type}: ${message}`, ...stack.map((frame) => `    at ${frame}`)].join("\n"),
      },
      resource: { "service.name": service, "service.namespace": "shop", "telemetry.sdk.language": "nodejs" },
    },
  };
}

const EXPRESS_FRAMES = ["process.processTicksAndRejections (node:internal/process/task_queues:95:5)"];

export const KNOWN_ERRORS: readonly KnownError[] = [
  known("timeout", "payment", "AcquirerTimeoutError", "card authorisation timed out after 600 ms", [
    "authorise (services/payment.ts:30:11)",
    ...EXPRESS_FRAMES,
  ]),
  known("resource_exhausted", "inventory", "ConnectionPoolExhaustedError", "no database connection was free in time", [
    "Object.transaction (service-kit/database.ts:43:15)",
    ...EXPRESS_FRAMES,
  ]),
  known("resource_exhausted", "web", "HeapExhaustedError", "JavaScript heap nearly out of memory: 101 of 124 MB used", [
    "refuseUnderHeapPressure (service-kit/start-service.ts:62:7)",
  ]),
  known("connectivity", "checkout", "Error", "connect ECONNREFUSED 127.0.0.1:40123", [
    "TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",
  ]),
  known(
    "dependency_unavailable",
    "web",
    "UpstreamFailedError",
    "checkout answered 503: no database connection was free in time",
    ["callService (service-kit/call-service.ts:40:11)", ...EXPRESS_FRAMES],
  ),
  known("timeout", "inventory", "DatabaseError", "canceling statement due to statement timeout", [
    "Parser.parseErrorMessage (node_modules/pg-protocol/dist/parser.js:305:11)",
  ]),
  known("code_defect", "checkout", "TypeError", "Cannot read properties of undefined (reading 'perEuro')", [
    "Object.convert (service-kit/currency-rates.ts:48:44)",
    "services/checkout.ts:18:26",
  ]),
  known("not_found", "inventory", "UnknownProductError", "there is no product sku-0", [
    "services/inventory.ts:20:34",
    ...EXPRESS_FRAMES,
  ]),
  known("invalid_input", "payment", "CardDeclinedError", "the card has expired", [
    "services/payment.ts:20:34",
    ...EXPRESS_FRAMES,
  ]),
];
