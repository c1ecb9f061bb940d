/** The watermark: the moment of event time up to which windows are complete, one for the whole fleet (docs/adr/0006). After Akidau
 *  et al. 2015, "The Dataflow Model", section 2.3: a heuristic watermark from the newest event time less an allowed lateness.
 *  Changed: when nothing arrives and nothing is queued, it goes on with processing time, so that silence closes windows too. */
import type { EpochMs } from "../../../models/telemetry/records.ts";

export interface WatermarkInput {
  /** newest event time; no batch counts beyond its arrival. null: nothing arrived yet */
  maxEventMs: EpochMs | null;
  /** processing time of the newest arrival */
  lastReceivedMs: EpochMs | null;
  /** processing time */
  nowMs: EpochMs;
  /** processing time since when we listen: silence before it says nothing */
  listeningSinceMs: EpochMs;
  /** nothing waits, is being merged or waits to be tried again */
  queueIsEmpty: boolean;
  allowedLatenessMs: number;
  idleTimeoutMs: number;
}

/** @returns null while nothing is known */
export function watermarkOf(input: WatermarkInput): EpochMs | null {
  if (input.maxEventMs === null) return null;
  return input.maxEventMs - input.allowedLatenessMs + (input.queueIsEmpty ? idleMs(input) : 0);
}

/** Whether an empty queue would make a difference; asking the queue costs something. */
export function mayBeIdle(input: Omit<WatermarkInput, "queueIsEmpty">): boolean {
  return idleMs(input) > 0;
}

/** Processing time beyond the timeout: it counts on from 0, so that the watermark never jumps. */
function idleMs(input: Omit<WatermarkInput, "queueIsEmpty">): number {
  if (input.lastReceivedMs === null) return 0;
  // What a sender kept while we were away arrives soon after we are back.
  const waitedMs = input.nowMs - Math.max(input.lastReceivedMs, input.listeningSinceMs);
  if (waitedMs < input.idleTimeoutMs) return 0;
  return Math.max(0, input.nowMs - input.lastReceivedMs - input.idleTimeoutMs);
}
