/** Reads the errors of a stream: identity and gist of each, with what was worked out for the ones before it in memory. */

import type { ErrorRecord } from "../telemetry/records.ts";
import { type ErrorGist, gistOf } from "./error-gist.ts";
import { type ErrorIdentity, identifyError } from "./fingerprint.ts";
import { hashHex } from "./hashing.ts";
import type { Frame } from "./parsed-error.ts";
import { readCauses } from "./read-error.ts";
import { createTraceMemory } from "./trace-memory.ts";

export interface ErrorReader {
  /** The same as `fingerprintError`, and the gist. What it returns is shared: nobody may change it. */
  read(record: ErrorRecord): { identity: ErrorIdentity; gist: ErrorGist };
}

export function createErrorReader(): ErrorReader {
  const parse = createTraceMemory();
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
      return { identity: identifyError(causes), gist: gistOf(causes, framesKey) };
    },
  };
}
