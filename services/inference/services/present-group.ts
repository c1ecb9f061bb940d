import type { z } from "zod";
import type { ErrorGroup } from "../../platform/store/errors-store.ts";
import { toTimestamp } from "../http/schemas.ts";
import type { errorGroupSchema } from "./service-schemas.ts";

export function presentGroup(group: ErrorGroup): z.input<typeof errorGroupSchema> {
  const { fingerprint, exceptionType, template, class: verdict, probability, abstained, errorCount } = group;
  return {
    fingerprint,
    exceptionType,
    template,
    class: verdict,
    probability,
    abstained,
    firstSeen: toTimestamp(group.firstSeenMs),
    lastSeen: toTimestamp(group.lastSeenMs),
    errorCount,
  };
}
