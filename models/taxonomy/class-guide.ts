/** What each class means to the person on call: one line, how bad it usually is, whether trying again can help, and what to do
 *  first. Rules may refine severity, retryability and advice for the case that they know. */
import type { ErrorClass } from "./classes.ts";

export const SEVERITIES = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface ClassGuide {
  description: string;
  severity: Severity;
  /** the same operation, tried again without a change, may succeed */
  retryable: boolean;
  recommendedActions: readonly string[];
}

export const CLASS_GUIDE: Readonly<Record<ErrorClass, ClassGuide>> = {
  timeout: {
    description: "an operation ran out of its time budget",
    severity: "medium",
    retryable: true,
    recommendedActions: [
      "Look at the latency of the operation that was waited for, before and at the time of the error.",
      "Check that the time budget of the caller is longer than the slow end of the callee's normal latency.",
      "Retry with backoff only where the operation is idempotent.",
    ],
  },
  connectivity: {
    description: "the network path or the handshake failed",
    severity: "high",
    retryable: true,
    recommendedActions: [
      "Check that the peer's process listens on that address and port.",
      "Check name resolution, routes, firewall rules and network policies between the two.",
      "For a TLS failure, check the certificate's chain, host name and expiry.",
    ],
  },
  dependency_unavailable: {
    description: "a peer was reached and says that it cannot serve",
    severity: "high",
    retryable: true,
    recommendedActions: [
      "Open the health and recent deployments of the dependency that is named.",
      "Retry with backoff, and keep the circuit breaker open until it answers again.",
      "Serve a degraded answer where one is possible.",
    ],
  },
  rate_limited: {
    description: "throttled, or over a quota",
    severity: "medium",
    retryable: true,
    recommendedActions: [
      "Honour Retry-After and slow the caller down with backoff and jitter.",
      "Find the caller whose request rate grew.",
      "Ask the provider for a higher quota when the load is legitimate.",
    ],
  },
  access_denied: {
    description: "authentication or authorisation failed",
    severity: "medium",
    retryable: false,
    recommendedActions: [
      "Check whether the credential expired, was rotated or was revoked.",
      "Compare the rights that are needed with those granted to this identity.",
      "If many identities fail at once, suspect the identity provider or the signing keys.",
    ],
  },
  invalid_input: {
    description: "the caller sent something that cannot be accepted",
    severity: "low",
    retryable: false,
    recommendedActions: [
      "Find the caller and the field that is named, and correct the request.",
      "If it began with a deployment, compare the contract of both sides.",
    ],
  },
  not_found: {
    description: "the thing that was addressed does not exist",
    severity: "low",
    retryable: false,
    recommendedActions: [
      "Check the identifier, path or name that is addressed, and who produced it.",
      "Check whether the thing was deleted, moved or not yet created.",
    ],
  },
  conflict: {
    description: "a concurrent or duplicate change",
    severity: "medium",
    retryable: true,
    recommendedActions: [
      "Retry the whole transaction from its start with backoff.",
      "Take locks in one order, and keep transactions short.",
      "For a duplicate, make the operation idempotent by its key.",
    ],
  },
  resource_exhausted: {
    description: "a local resource ran out",
    severity: "critical",
    retryable: false,
    recommendedActions: [
      "Free or add the resource that is named: memory, disk, file descriptors, threads or pooled connections.",
      "Look for a leak: does its use grow steadily since the last start?",
      "Shed load until there is room again.",
    ],
  },
  data_integrity: {
    description: "stored data, or its schema, is wrong",
    severity: "high",
    retryable: false,
    recommendedActions: [
      "Stop the writer that produces bad rows before repairing them.",
      "Compare the schema that runs with the one the code expects: a migration may be missing.",
      "For a checksum or corruption error, restore from a verified copy and check the disk.",
    ],
  },
  configuration: {
    description: "the set-up of the program is wrong",
    severity: "critical",
    retryable: false,
    recommendedActions: [
      "Compare the configuration and environment with those of the last version that worked.",
      "Check that the image holds the module, library or binary that is named, in a matching version.",
      "Roll the deployment back if it began with one.",
    ],
  },
  serialization: {
    description: "encoding or decoding failed",
    severity: "medium",
    retryable: false,
    recommendedActions: [
      "Capture the payload that could not be read, and look at its first bytes and its content type.",
      "Check that producer and consumer use the same schema version and character set.",
    ],
  },
  code_defect: {
    description: "a bug in the program",
    severity: "medium",
    retryable: false,
    recommendedActions: [
      "Open the topmost frame of your own code in the stack trace.",
      "If it began with a deployment, roll back, then fix forward with a test.",
    ],
  },
  crash: {
    description: "a process, runtime, kernel or piece of hardware died",
    severity: "critical",
    retryable: false,
    recommendedActions: [
      "Collect the core dump or fatal error log before it is overwritten.",
      "Check kernel messages for out-of-memory kills and hardware errors.",
      "Check that the supervisor restarted the process and that its work was taken over.",
    ],
  },
};
