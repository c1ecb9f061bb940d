/** What an error has under a criterion by which operators may split its group. All are finer than the fingerprint, or apart from it. */
import { messageTemplate } from "../classifier/message-template.ts";
import type { Cause } from "../classifier/parsed-error.ts";
import type { ServiceIdentity } from "../telemetry/records.ts";
import type { SplitCriterion } from "./regrouping.ts";

const MAX_TEMPLATE_LENGTH = 500;

/** @param chain of the error as read, or of its gist, which has the same templates and frames */
export function splitValue(
  criterion: SplitCriterion,
  chain: readonly Pick<Cause, "message" | "frames">[],
  service: Pick<ServiceIdentity, "namespace" | "name">,
): string {
  if (criterion === "service") return JSON.stringify([service.namespace, service.name]);
  // Quoted values, which the fingerprint masks, count here. A template of a template is the same but for where a long one is cut.
  if (criterion === "message") return messageTemplate(chain.at(-1)?.message ?? "").slice(0, MAX_TEMPLATE_LENGTH);
  const deepest = [...chain].reverse().find(({ frames }) => frames.length > 0);
  const frame = deepest?.frames[0];
  return frame === undefined ? "" : `${frame.module}#${frame.function}`;
}
