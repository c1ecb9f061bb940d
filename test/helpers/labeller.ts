/** Gives labels and takes them back as the API does, without the API. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fingerprintError } from "../../models/classifier/fingerprint.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import type { ErrorClass } from "../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../models/telemetry/records.ts";
import {
  applyClassFeedback,
  type ClassFeedback,
  withdrawClassFeedback,
} from "../../services/platform/classification/label-effects.ts";
import { LABEL_SETTLING_MS } from "../../services/platform/classification/label-follower.ts";
import { NO_LABELS } from "../../services/platform/classification/label-set.ts";
import type { ModelHost } from "../../services/platform/serving/model-host.ts";
import { servedModel } from "../../services/platform/serving/model-slot.ts";
import type { Database } from "../../services/platform/store/database.ts";
import { insertFeedback } from "../../services/platform/store/feedback-store.ts";

export function createLabeller(db: Database, models: Pick<ModelHost, "classifier">) {
  const engine = createRuleEngine(RULES);
  const deps = () => ({ engine, model: servedModel(models.classifier()), held: NO_LABELS, nowMs: 1 });
  return {
    async give(record: ErrorRecord, said: ErrorClass, operator: string | null) {
      const { fingerprint } = fingerprintError(record);
      const feedback: ClassFeedback = { id: randomUUID(), fingerprint, record, class: said, operator };
      const { effect } = await db.transaction().execute(async (tx) => {
        await insertFeedback(tx, {
          ...{ id: feedback.id, fingerprint, record, operator, label: { class: said }, effect: {} },
          ...{ idempotencyKey: null, requestHash: null, targetKind: "fingerprint", targetId: fingerprint },
          ...{ serviceId: null, predictionId: null, atMs: null, comment: null, createdAtMs: 1, withdrawnAtMs: null },
        });
        return applyClassFeedback(tx, feedback, deps());
      });
      await sleep(LABEL_SETTLING_MS);
      return { effect, feedback };
    },
    async withdraw(feedback: ClassFeedback) {
      const applied = await db.transaction().execute((tx) => withdrawClassFeedback(tx, feedback, deps()));
      await sleep(LABEL_SETTLING_MS);
      return applied;
    },
  };
}
