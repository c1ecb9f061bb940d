/** Reads the errors of a stream: identity and gist of each, with what was worked out for the ones before it in memory. */

import type { ErrorRecord } from "../telemetry/records.ts";
import { type ErrorGist, gistOf } from "./error-gist.ts";
import { type ErrorIdentity, fingerprintOf, identifyError, type MakeTemplate } from "./fingerprint.ts";
import { createGenerationCache } from "./generation-cache.ts";
import { hashHex } from "./hashing.ts";
import { hasQuotes, messageTemplate } from "./message-template.ts";
import type { Frame } from "./parsed-error.ts";
import { readCauses } from "./read-error.ts";
import { createTraceMemory } from "./trace-memory.ts";

export interface ErrorReader {
  /** The same as `fingerprintError`, and the gist. What it returns is shared: nobody may change it. */
  read(record: ErrorRecord): { identity: ErrorIdentity; gist: ErrorGist };
}

/** Characters of messages and of what fingerprints are made of, per generation. */
const REMEMBERED_CHARACTERS = 500_000;

export function createErrorReader(): ErrorReader {
  const parse = createTraceMemory();
  const hash = remembering(fingerprintOf);
  const plainTemplate = remembering((text) => messageTemplate(text));
  // Few messages hold quotes, and without them both templates are one.
  const template: MakeTemplate = (message, { maskQuoted = false } = {}) =>
    maskQuoted && hasQuotes(message) ? messageTemplate(message, { maskQuoted }) : plainTemplate(message);
  const namesOfFrames = new WeakMap<readonly Frame[], string>();
  const framesKey = (frames: readonly Frame[]): string => {
    if (frames.length === 0) return "";
    let name = namesOfFrames.get(frames);
    if (name === undefined) {
      name = hashHex(frames.map((frame) => `${frame.module}#${frame.function}#${frame.inApp}`).join("\n"));
      namesOfFrames.set(frames, name);
    }
    return name;
  };
  return {
    read(record) {
      const causes = readCauses(record, parse);
      return { identity: identifyError(causes, template, hash), gist: gistOf(causes, framesKey, template) };
    },
  };
}

function remembering(work: (text: string) => string): (text: string) => string {
  const known = createGenerationCache<string>(REMEMBERED_CHARACTERS);
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = work(text);
      known.set(text, result, text.length + result.length);
    }
    return result;
  };
}
