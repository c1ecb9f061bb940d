/** Bearer tokens (RFC 6750), compared in constant time. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../config/secret.ts";
import { HarbingerError } from "../errors.ts";

/** @param authorization the header's value   @throws UNAUTHENTICATED, or FORBIDDEN where a guard says so of unknown tokens */
export type BearerGuard = (authorization: string | undefined) => void;

/** @param tokens those that are accepted; none = everyone is
 *  @param unknownToken what a token that is well formed and not accepted means */
export function createBearerGuard(
  tokens: readonly Secret[],
  unknownToken: "UNAUTHENTICATED" | "FORBIDDEN" = "UNAUTHENTICATED",
): BearerGuard {
  // Digests have one length, which the comparison needs, and tell nothing about the length of the token.
  const accepted = tokens.map((token) => digest(token.reveal()));
  return (authorization) => {
    if (accepted.length === 0) return;
    const given = /^Bearer +([^\s]+)\s*$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) throw new HarbingerError("UNAUTHENTICATED", "send `Authorization: Bearer <token>`");
    const presented = digest(given);
    // Every token is compared, so that the time taken does not tell which one came close.
    const matches = accepted.filter((token) => timingSafeEqual(token, presented)).length;
    if (matches === 0) throw new HarbingerError(unknownToken, "the token is not one that is accepted here");
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
