/** JSON calls from a shop service to another. */
import type { AddressBook } from "./address-book.ts";
import { ShopError } from "./shop-error.ts";

export interface ServiceCall {
  method?: "GET" | "POST";
  body?: unknown;
  timeoutMs: number;
}

/** @returns the answer's JSON
 *  @throws ShopError 504 when the time is up, 502 when the peer cannot be reached or fails; a 4xx of the peer is passed on */
export type CallService = (service: string, path: string, call: ServiceCall) => Promise<unknown>;

export function createCallService(addresses: AddressBook): CallService {
  return async (service, path, { method = "GET", body, timeoutMs }) => {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    let response: Response;
    let answer: unknown;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      response = await fetch(`${addresses.urlOf(service)}${path}`, { method, signal, ...content });
      answer = await response.json();
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === "TimeoutError") {
        throw new ShopError("UpstreamTimeoutError", 504, `${service} did not answer within ${timeoutMs} ms`, cause);
      }
      throw new ShopError("UpstreamUnreachableError", 502, `${service} cannot be reached`, cause);
    }
    if (response.ok) return answer;
    if (response.status < 500) throw new ShopError("UpstreamRefusedError", response.status, messageOf(answer));
    throw new ShopError("UpstreamFailedError", 502, `${service} answered ${response.status}: ${messageOf(answer)}`);
  };
}

function messageOf(answer: unknown): string {
  return typeof answer === "object" && answer !== null && "error" in answer ? String(answer.error) : "no reason given";
}
