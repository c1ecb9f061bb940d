/** What both edges of the receiver stand on, and the steps that they share. */
import type { PartialSuccess } from "../../models/telemetry/export-response.ts";
import { HarbingerError } from "../platform/errors.ts";
import type { BearerGuard } from "../platform/http/bearer-guard.ts";
import type { Logger } from "../platform/logger.ts";
import type { ByteBudget } from "./intake/byte-budget.ts";
import type { ExportRequest, Intake } from "./intake/intake.ts";
import type { ReceiverMetrics } from "./receiver-metrics.ts";

export interface EdgeDependencies {
  logger: Logger;
  /** throws when the credentials are not accepted */
  guard: BearerGuard;
  intake: Intake;
  budget: ByteBudget;
  metrics: ReceiverMetrics;
  /** of one body, as it arrives and after decompression */
  maxBodyBytes: number;
  bodyTimeoutMs: number;
}

/** @param heldBytes what was taken from the budget for this request; given back in any case */
export async function acceptHeld(
  request: ExportRequest,
  heldBytes: number,
  { intake, budget }: EdgeDependencies,
): Promise<PartialSuccess | null> {
  try {
    return await intake.accept(request);
  } finally {
    budget.give(heldBytes);
  }
}

/** What went wrong as one of the kinds that the status table knows. What is not known is ours and is logged. */
export function asKnownError(error: unknown, logger: Logger): HarbingerError {
  const known = error instanceof HarbingerError ? error : new HarbingerError("BUG", "internal error", { cause: error });
  if (known.kind === "bug") logger.error({ err: error }, "a request could not be handled");
  return known;
}

/** What a sender is told: the message of a bug may quote anything. */
export function messageFor(error: HarbingerError): string {
  return error.kind === "bug" ? "internal error" : error.message;
}
