import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import { formatDuration } from "../../platform/config/parsers.ts";
import type { Database } from "../../platform/store/database.ts";
import { requestHash } from "../http/idempotency.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { toTimestamp, uuidSchema } from "../http/schemas.ts";
import { describeClassEffect } from "./describe-class-effect.ts";
import type { Effect, JudgedFeedback } from "./feedback.ts";
import {
  type effectSchema,
  feedbackHeadersSchema,
  feedbackQueueSchema,
  feedbackRequestSchema,
  feedbackSchema,
  queueQuerySchema,
  withdrawalSchema,
} from "./feedback-schemas.ts";
import type { FeedbackService } from "./feedback-service.ts";
import { type LabelCandidate, readLabelQueue } from "./label-queue.ts";
import type { RankedCandidate } from "./rank-candidates.ts";

const tag = "feedback";
const params = z.object({ id: uuidSchema });

export interface FeedbackRouteDeps {
  db: Database;
  clock: Clock;
  feedback: FeedbackService;
}

export function feedbackRoutes({ db, clock, feedback }: FeedbackRouteDeps): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/feedback",
      operationId: "giveFeedback",
      tag,
      summary: "Say what an error is, or what became of a prediction",
      description:
        "A class counts at once: the very next answer about such an error, in every process, takes it into account, and `effect` says what changed. An outcome counts in the next training.",
      headers: feedbackHeadersSchema,
      body: feedbackRequestSchema,
      problems: [404],
      responses: {
        201: { description: "Stored and learned", schema: feedbackSchema, headers: { Location: "the feedback" } },
        200: {
          description: "The same request under this Idempotency-Key was answered before; this is that answer",
          schema: feedbackSchema,
        },
      },
      async handle({ headers, body }) {
        const { label } = body;
        const { feedback: given, repeated } = await feedback.give({
          target: body.target,
          label: "class" in label ? label : { outcome: label.outcome, horizonMs: label.horizon },
          operator: body.operator ?? null,
          comment: body.comment ?? null,
          idempotencyKey: headers["idempotency-key"] ?? null,
          requestHash: requestHash(body),
        });
        const json = present(given);
        return repeated ? ok(json) : { status: 201, headers: { Location: `/feedback/${json.id}` }, json };
      },
    }),
    defineRoute({
      method: "get",
      path: "/feedback/queue",
      operationId: "getFeedbackQueue",
      tag,
      summary: "What it would help most to label, and why",
      description: "Ranked by uncertainty × frequency × novelty; what has a label already is left out.",
      query: queueQuerySchema,
      responses: { 200: { description: "Most helpful first", schema: feedbackQueueSchema } },
      handle: async ({ query }) => ok({ items: (await readLabelQueue(db, clock, query.limit)).map(presentCandidate) }),
    }),
    defineRoute({
      method: "get",
      path: "/feedback/{id}",
      operationId: "getFeedback",
      tag,
      summary: "One judgement, and what it changed",
      params,
      problems: [404],
      responses: { 200: { description: "The judgement", schema: feedbackSchema } },
      handle: async ({ params: { id } }) => ok(present(await feedback.find(id))),
    }),
    defineRoute({
      method: "delete",
      path: "/feedback/{id}",
      operationId: "withdrawFeedback",
      tag,
      summary: "Take a judgement back",
      description: "It stays on record as withdrawn. Withdrawing twice changes nothing.",
      params,
      problems: [404],
      responses: { 200: { description: "The judgement, and what changed", schema: withdrawalSchema } },
      async handle({ params: { id } }) {
        const { feedback: withdrawn, change } = await feedback.withdraw(id);
        return ok({ feedback: present(withdrawn), effect: change === null ? null : presentChange(change) });
      },
    }),
  ];
}

function present(feedback: JudgedFeedback): z.input<typeof feedbackSchema> {
  const { id, targetKind, targetId, label, operator, comment, effect } = feedback;
  return {
    id,
    target: { kind: targetKind, id: targetId },
    label: "class" in label ? label : { outcome: label.outcome, horizon: formatDuration(label.horizonMs) },
    operator,
    comment,
    createdAt: toTimestamp(feedback.createdAtMs),
    withdrawnAt: feedback.withdrawnAtMs === null ? null : toTimestamp(feedback.withdrawnAtMs),
    effect: { change: presentChange(effect.change), retraining: effect.retraining },
  };
}

function presentChange(change: Effect["change"]): z.input<typeof effectSchema>["change"] {
  if (change.kind === "class") {
    const { kind, fingerprint, before, after, labelProbability, group, near, memory, rules, weights } = change;
    const effect = { before, after, labelProbability, group, near, memory, rules, weights };
    return { kind, fingerprint, ...effect, sentence: describeClassEffect(change) };
  }
  const { kind, service, atMs, horizonMs, predicted, trainingRow, sentence } = change;
  return { kind, service, at: toTimestamp(atMs), horizon: formatDuration(horizonMs), predicted, trainingRow, sentence };
}

function presentCandidate(
  ranked: RankedCandidate<LabelCandidate>,
): z.input<typeof feedbackQueueSchema>["items"][number] {
  const { candidate, score, uncertainty, frequency, novelty, why } = ranked;
  const { fingerprint, exceptionType, template, class: verdict, probability, abstained, seenCount } = candidate;
  return {
    fingerprint,
    exceptionType,
    template,
    guess: { class: verdict, probability, abstained },
    seenCount,
    firstSeen: toTimestamp(candidate.firstSeenMs),
    lastSeen: toTimestamp(candidate.lastSeenMs),
    score,
    uncertainty,
    frequency,
    novelty,
    why,
  };
}
