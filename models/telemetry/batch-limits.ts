import { DEFAULT_NAME_BOUNDS, type NameBounds } from "../windows/bounded-map.ts";

/** Bounds on what one request may cost, whatever a sender puts into it. Lengths are UTF-16 code units. */
export interface BatchLimits {
  /** distinct services in one batch; the rest is counted under `_OTHER` */
  maxServices: number;
  /** windows of all services in one batch; records of further ones are refused */
  maxWindows: number;
  /** error records in one batch; further errors are counted in windows only */
  maxErrors: number;
  /** of all texts of a batch's error records together; further errors are counted in windows only. A text that many errors of one span
   *  share counts as often as it is written out. */
  maxErrorsLength: number;
  maxNameLength: number;
  maxMessageLength: number;
  maxStacktraceLength: number;
  maxErrorAttributes: number;
  maxAttributeLength: number;
  /** names of each kind in one window; the rest is counted under `_OTHER` */
  names: NameBounds;
}

export const DEFAULT_BATCH_LIMITS: BatchLimits = {
  maxServices: 1_000,
  maxWindows: 20_000,
  maxErrors: 10_000,
  maxErrorsLength: 32 * 1024 * 1024,
  maxNameLength: 200,
  maxMessageLength: 4 * 1024,
  maxStacktraceLength: 16 * 1024,
  maxErrorAttributes: 32,
  maxAttributeLength: 256,
  names: DEFAULT_NAME_BOUNDS,
};
