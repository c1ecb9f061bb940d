/** What every edge of the receiver shares: a request's bytes in, acknowledged when durable. Knows no transport. */
import { type PartialSuccess, partialSuccessOf } from "../../../models/telemetry/export-response.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import type { Encoding } from "../../../models/telemetry/summarise.ts";
import type { Clock } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { ReceiverMetrics } from "../receiver-metrics.ts";
import type { DecodePool } from "./decode-pool.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Compression } from "./inflate.ts";
import type { QueueGate } from "./queue-gate.ts";

export interface ExportRequest {
  signal: Signal;
  encoding: Encoding;
  compression: Compression;
  /** as it arrived; it belongs to the intake from now on */
  body: Uint8Array;
}

export interface Intake {
  /** Says early that a request cannot be taken now, before its body is read. @throws OVERLOADED */
  admit(): void;
  /** @returns what the sender should know once all of it is durable; null when everything was taken as it is
   *  @throws UNDECODABLE, TOO_LARGE, OVERLOADED, UNAVAILABLE: then nothing was taken */
  accept(request: ExportRequest): Promise<PartialSuccess | null>;
}

export interface IntakeDependencies {
  clock: Clock;
  gate: QueueGate;
  pool: DecodePool;
  groupCommit: GroupCommit;
  metrics: ReceiverMetrics;
}

export function createIntake({ clock, gate, pool, groupCommit, metrics }: IntakeDependencies): Intake {
  return {
    admit: gate.check,
    accept: async (request) => {
      const outcome = await pool.decode({ ...request, receivedAtMs: clock.now() });
      if (!outcome.ok) throw new HarbingerError(outcome.code, outcome.message);
      const { facts, sealed } = outcome;
      // nothing in it, nothing to keep
      if (facts.recordCount > 0) await groupCommit.commit(sealed);
      metrics.accepted(facts, request.encoding);
      return partialSuccessOf(facts);
    },
  };
}
