/** Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a repeat of the same request under the same key gets the first
 *  answer; another request under it is refused. */
import { createHash } from "node:crypto";

/** The same for requests that mean the same: the order of an object's keys does not count.
 *  @returns hex SHA-256 */
export function requestHash(request: unknown): string {
  return createHash("sha256").update(canonical(request)).digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
