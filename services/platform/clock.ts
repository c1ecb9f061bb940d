/** Time and identity are passed in, so that every rule about them can be tested. */
import { randomUUID } from "node:crypto";

export interface Clock {
  /** processing time, ms since the epoch */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export type NewId = () => string;

export const newUuid: NewId = () => randomUUID();
