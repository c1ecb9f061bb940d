/** The identity of an error group: type, root type, message template of the root and the program's own frames near the throw.
 *  Versioned by its prefix: a change of the recipe is a new version, so old labels are never applied to other groups. Two errors of
 *  different exception types never share a fingerprint, because the type is part of what is hashed. */
import type { ErrorRecord } from "../telemetry/records.ts";
import { hashHex } from "./hashing.ts";
import { messageTemplate } from "./message-template.ts";
import type { Frame } from "./parsed-error.ts";
import { type ErrorCauses, readCauses } from "./read-error.ts";

const FINGERPRINT_VERSION = 2;
const MAX_FRAMES = 3;
const MAX_TEMPLATE_LENGTH = 300;

export interface ErrorIdentity {
  /** `v2-` and 24 hex digits */
  fingerprint: string;
  /** readable text of the group, at most 300 characters */
  template: string;
  exceptionType: string | null;
}

type Identifiable = Pick<ErrorCauses, "exceptionType" | "chain" | "root" | "attributeCodes">;

export function fingerprintError(record: ErrorRecord): ErrorIdentity {
  return identifyError(readCauses(record));
}

/** Makes templates as `messageTemplate` does. */
export type MakeTemplate = typeof messageTemplate;
/** Hashes what tells groups apart, as `fingerprintOf` does. */
type HashParts = (parts: string) => string;

/** @param template `messageTemplate`, or one that remembers   @param hash `fingerprintOf`, or one that remembers */
export function identifyError(
  error: Identifiable,
  template: MakeTemplate = messageTemplate,
  hash: HashParts = fingerprintOf,
): ErrorIdentity {
  const outer = error.chain[0]!;
  const parts = [
    `v${FINGERPRINT_VERSION}`,
    error.exceptionType ?? "",
    error.root.type ?? "",
    template(error.root.message, { maskQuoted: true }),
    error.root === outer ? "" : template(outer.message, { maskQuoted: true }),
    error.attributeCodes.join(" "),
    ...keyFrames(error).map((frame) => `${frame.module}#${frame.function}`),
  ];
  return {
    fingerprint: hash(parts.join("\u0000")),
    template: (template(outer.message) || template(error.root.message)).slice(0, MAX_TEMPLATE_LENGTH),
    exceptionType: error.exceptionType,
  };
}

export function fingerprintOf(parts: string): string {
  return `v${FINGERPRINT_VERSION}-${hashHex(parts)}`;
}

/** The program's own frames nearest to the throw; without any, the nearest frames at all, where those of one module in a row count
 *  once: `Assert.fail` under `Assert.assertEquals` under `Assert.assertEquals` says nothing about what failed. */
function keyFrames(error: Identifiable): Frame[] {
  const deepest = [...error.chain].reverse().find((cause) => cause.frames.length > 0);
  if (deepest === undefined) return [];
  const own = deepest.frames.filter((frame) => frame.inApp);
  if (own.length > 0) return own.slice(0, MAX_FRAMES);
  return deepest.frames
    .filter((frame, index, frames) => frame.module !== frames[index - 1]?.module)
    .slice(0, MAX_FRAMES);
}
