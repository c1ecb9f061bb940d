import type { QueuePolicy } from "../../services/platform/queue/bull-queue.ts";

/** Gives up on a silent worker soon, so that a test need not wait long for it. */
export const SHORT_LEASE_POLICY: QueuePolicy = {
  name: "takeover",
  attempts: 5,
  removeOnComplete: true,
  removeOnFail: false,
  lockMs: 1_500,
  maxTakeovers: 10,
};
