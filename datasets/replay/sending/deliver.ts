/** Brings one request to an OTLP/HTTP server, as an SDK does: again after 429, 502, 503 and 504 and when there is no connection, with
 *  Retry-After or a growing wait between attempts, and not for ever. */
import { promisify } from "node:util";
import { gzip as gzipWithCallback } from "node:zlib";
import { CONTENT_TYPES } from "../../../models/telemetry/export-response.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import type { Encoding } from "../../../models/telemetry/summarise.ts";
import { type PartialSuccess, readExportAnswer, readStatusMessage } from "./export-answer.ts";

export interface DeliverOptions {
  /** without `/v1/…` */
  baseUrl: string;
  token?: string;
  /** how long one request may fail before it is given up */
  giveUpAfterMs: number;
  now(): number;
  /** @throws when the replay is stopped */
  sleep(ms: number): Promise<void>;
  /** tells of a wait */
  onRetry(reason: string, waitMs: number): void;
}

export interface OutgoingRequest {
  signal: Signal;
  encoding: Encoding;
  /** compressed */
  body: Uint8Array;
}

export type Delivery =
  | { kind: "accepted"; partial: PartialSuccess | null }
  /** it will not take this request, however often it comes */
  | { kind: "refused"; status: number; message: string }
  | { kind: "given_up"; reason: string };

const RETRYABLE = new Set([429, 502, 503, 504]);
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const LONGEST_RETRY_AFTER_MS = 60_000;
const ANSWER_TIMEOUT_MS = 30_000;

export const gzip: (body: Uint8Array) => Promise<Uint8Array> = promisify(gzipWithCallback);

export async function deliver(request: OutgoingRequest, options: DeliverOptions): Promise<Delivery> {
  const startedMs = options.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await post(request, options);
    if (outcome.kind !== "retry") return outcome;
    const backoffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    const waitMs = Math.min(LONGEST_RETRY_AFTER_MS, outcome.retryAfterMs ?? backoffMs);
    if (options.now() + waitMs - startedMs > options.giveUpAfterMs) {
      return { kind: "given_up", reason: `${outcome.reason}, after ${attempt} attempts` };
    }
    options.onRetry(outcome.reason, waitMs);
    await options.sleep(waitMs);
  }
}

type Retry = { kind: "retry"; reason: string; retryAfterMs: number | null };

async function post(request: OutgoingRequest, { baseUrl, token, now }: DeliverOptions): Promise<Delivery | Retry> {
  const { signal, encoding } = request;
  let status: number;
  let body: Uint8Array;
  let retryAfterMs: number | null;
  try {
    const response = await fetch(`${baseUrl}/v1/${signal}`, {
      method: "POST",
      headers: {
        "Content-Type": CONTENT_TYPES[encoding],
        "Content-Encoding": "gzip",
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      body: request.body,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    status = response.status;
    retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now());
    body = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    return { kind: "retry", reason: reasonOf(error, baseUrl), retryAfterMs: null };
  }
  if (status >= 200 && status < 300) return { kind: "accepted", partial: readPartial(signal, encoding, body) };
  const message = readStatusMessage(encoding, body);
  if (RETRYABLE.has(status)) return { kind: "retry", reason: `${status} ${message}`, retryAfterMs };
  return { kind: "refused", status, message };
}

/** The records are in, whatever the answer's body looks like. */
function readPartial(signal: Signal, encoding: Encoding, body: Uint8Array): PartialSuccess | null {
  try {
    return readExportAnswer(signal, encoding, body);
  } catch {
    return { rejectedCount: 0, message: "the server's answer cannot be read" };
  }
}

/** Seconds or a date. @returns ms from now; null when it says neither */
export function readRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

function reasonOf(error: unknown, baseUrl: string): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer from ${baseUrl} within ${ANSWER_TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  const code = cause instanceof Error ? ("code" in cause ? String(cause.code) : cause.message) : error.message;
  return `no connection to ${baseUrl} (${code})`;
}
