/** Ids of jobs that tell when the job was added: so that the age of the oldest one is known without reading its payload, which may be
 *  megabytes. */
import type { Clock, NewId } from "../clock.ts";

export function newJobId(clock: Clock, newId: NewId): string {
  return `${clock.now().toString(36)}-${newId()}`;
}

/** @returns ms since the epoch; null for an id that was given by somebody else */
export function addedAtMs(jobId: string): number | null {
  const [, time] = /^([0-9a-z]{8,9})-[0-9a-f]{8}-/.exec(jobId) ?? [];
  return time === undefined ? null : Number.parseInt(time, 36);
}
