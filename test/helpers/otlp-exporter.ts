/** Sends as an OTLP exporter behind a load balancer does: each request to the next receiver, the same bytes again after 429, 503 or a
 *  lost connection, until it is acknowledged. Keeps account of what it did. */
import { setTimeout as sleep } from "node:timers/promises";

export interface ExportRequest {
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
  recordCount: number;
  /** of these, those that the receiver must refuse */
  rejectedCount: number;
}

export interface DeliveryAccount {
  /** acknowledged requests, each once, in no order */
  acknowledged: ExportRequest[];
  /** records of all copies that were acknowledged, and of all that were sent at all */
  acknowledgedCopies: number;
  sentCopies: number;
  /** answers by status; 0: none came */
  answers: Map<number, number>;
  /** answers of 429 and 503 that did not say when to come back */
  withoutRetryAfter: number;
}

export interface ExporterOptions {
  /** asked before each attempt */
  urls(): string[];
  /** requests on their way at once */
  senders: number;
  /** between two requests of one sender */
  pauseMs?: number;
  /** share of requests that are sent once more although they were acknowledged, as if the answer had been lost */
  resendRatio?: number;
  random(): number;
  /** beyond it a request that is still not acknowledged is an error */
  deadlineMs?: number;
}

export interface Exporter {
  account: DeliveryAccount;
  /** Sends what `requests` has until it ends or `signal` fires; then all that was taken from it is acknowledged.
   *  @throws on an answer that no exporter comes back from */
  deliver(requests: Iterator<ExportRequest>, signal?: AbortSignal): Promise<void>;
}

/** Retry-After is in whole seconds; a test need not wait that long to be polite. */
const RETRY_PAUSE_MS = 150;
/** what the SDKs' exporters wait for an answer */
const ANSWER_TIMEOUT_MS = 10_000;

export function createExporter(options: ExporterOptions): Exporter {
  const { pauseMs = 0, resendRatio = 0, deadlineMs = 120_000 } = options;
  let turn = 0;
  const account: DeliveryAccount = {
    ...{ acknowledged: [], acknowledgedCopies: 0, sentCopies: 0, withoutRetryAfter: 0 },
    answers: new Map(),
  };

  /** @returns whether it was acknowledged */
  const attempt = async (request: ExportRequest): Promise<boolean> => {
    const urls = options.urls();
    turn += 1;
    const url = urls[turn % urls.length];
    if (url === undefined) return false;
    account.sentCopies += request.recordCount;
    const answer = await post(`${url}${request.path}`, request);
    account.answers.set(answer.status, (account.answers.get(answer.status) ?? 0) + 1);
    if (answer.status === 200) {
      account.acknowledgedCopies += request.recordCount;
      return true;
    }
    if (answer.status === 429 || answer.status === 503) {
      if (!(Number(answer.retryAfter) > 0)) account.withoutRetryAfter += 1;
    } else if (answer.status !== 0) throw new Error(`the receiver answered ${answer.status}: ${answer.text}`);
    return false;
  };
  const insist = async (request: ExportRequest) => {
    const deadline = Date.now() + deadlineMs;
    while (!(await attempt(request))) {
      if (Date.now() > deadline) throw new Error(`a request was not acknowledged within ${deadlineMs} ms`);
      await sleep(RETRY_PAUSE_MS);
    }
  };

  return {
    account,
    deliver: async (requests, signal) => {
      const send = async () => {
        while (signal?.aborted !== true) {
          const next = requests.next();
          if (next.done === true) return;
          await insist(next.value);
          account.acknowledged.push(next.value);
          if (options.random() < resendRatio) await insist(next.value);
          if (pauseMs > 0) await sleep(pauseMs);
        }
      };
      await Promise.all(Array.from({ length: options.senders }, send));
    },
  };
}

/** Status 0 when no answer came: nobody knows then whether the request was taken. */
async function post(url: string, { headers, body }: ExportRequest) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
  } catch {
    return { status: 0, retryAfter: null, text: "" };
  }
}
