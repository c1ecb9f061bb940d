/** Operators' judgements: stored once, learned at once, answered with what they changed. Knows no HTTP. */

import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { ErrorClassifier } from "../../platform/classification/error-classifier.ts";
import {
  type AppliedLabel,
  applyClassFeedback,
  type ClassFeedback,
  type LabelEffectDeps,
  withdrawClassFeedback,
} from "../../platform/classification/label-effects.ts";
import { LABEL_SETTLING_MS } from "../../platform/classification/label-follower.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import type { Database } from "../../platform/store/database.ts";
import {
  type FeedbackRow,
  findFeedback,
  findFeedbackByKey,
  insertFeedback,
  recordFeedbackEffect,
  withdrawFeedback,
} from "../../platform/store/feedback-store.ts";
import type { Outcome } from "../../platform/store/judgement-tables.ts";
import { invalid } from "../http/validation.ts";
import type { TrainingService } from "../training/training-service.ts";
import type { ClassEffect, Effect, JudgedFeedback, OutcomeEffect, Retraining } from "./feedback.ts";
import { judgeOutcome } from "./judge-outcome.ts";
import { errorOfClassification, errorOfFingerprint, type JudgedError } from "./judged-error.ts";
import { reclassifyGroups } from "./reclassify-groups.ts";

type FeedbackTarget = { classificationId: string } | { fingerprint: string } | { predictionId: string };
type FeedbackWord = { class: ErrorClass } | { outcome: Outcome; horizonMs: number | undefined };

interface NewFeedback {
  target: FeedbackTarget;
  label: FeedbackWord;
  operator: string | null;
  comment: string | null;
  idempotencyKey: string | null;
  /** tells a repeat from another request under the same key */
  requestHash: string;
}

export interface FeedbackDeps {
  db: Database;
  classifier: Pick<ErrorClassifier, "grounds">;
  clock: Clock;
  newId: NewId;
  logger: Logger;
  training: Pick<TrainingService, "considerFeedback">;
  primaryHorizonMs: number;
  /** told of every new judgement, for counting */
  onLabel(kind: "class" | "outcome"): void;
}

export interface FeedbackService {
  /** @returns what it changed; `repeated` when the same request under the same key had been answered before
   *  @throws NOT_FOUND for an unknown target; INVALID_INPUT when the label does not fit it, or the key was used for another request */
  give(request: NewFeedback): Promise<{ feedback: JudgedFeedback; repeated: boolean }>;
  /** @throws NOT_FOUND */
  find(id: string): Promise<JudgedFeedback>;
  /** Takes a judgement back; doing so twice changes nothing.
   *  @returns what changed by it, null when nothing did   @throws NOT_FOUND */
  withdraw(id: string): Promise<{ feedback: JudgedFeedback; change: Effect["change"] | null }>;
}

/** A feedback row whose effect is known, about to be stored. */
type Draft = Omit<JudgedFeedback, "effect">;

export function createFeedbackService(deps: FeedbackDeps): FeedbackService {
  const { db, clock, newId } = deps;

  const effectDeps = (): LabelEffectDeps => ({ ...deps.classifier.grounds(), nowMs: clock.now() });

  const draft = (
    request: NewFeedback,
    about: Pick<Draft, "targetKind" | "targetId" | "label"> & Partial<Draft>,
  ): Draft => ({
    id: newId(),
    idempotencyKey: request.idempotencyKey,
    requestHash: request.requestHash,
    fingerprint: null,
    serviceId: null,
    predictionId: null,
    atMs: null,
    record: null,
    operator: request.operator,
    comment: request.comment,
    createdAtMs: clock.now(),
    withdrawnAtMs: null,
    ...about,
  });

  const giveClass = async (request: NewFeedback, errorClass: ErrorClass): Promise<JudgedFeedback | null> => {
    const { kind, id, judged } = await findJudgedError(db, request.target);
    const row = draft(request, {
      targetKind: kind,
      targetId: id,
      label: { class: errorClass },
      fingerprint: judged.fingerprint,
      record: judged.record,
    });
    const learned = effectDeps();
    const given = await db.transaction().execute(async (tx) => {
      // Claimed first: of two requests under one key the second waits here until the first has been stored or given up.
      if (!(await insertFeedback(tx, { ...row, effect: {} }))) return null;
      const feedback: ClassFeedback = { ...judged, id: row.id, class: errorClass, operator: request.operator };
      const change = await withGroups(tx, feedback, await applyClassFeedback(tx, feedback, learned), learned);
      const effect: Effect = { change, retraining: null };
      await recordFeedbackEffect(tx, row.id, { ...effect });
      return { ...row, effect };
    });
    await sleep(LABEL_SETTLING_MS);
    return given;
  };

  const giveOutcome = async (
    request: NewFeedback,
    predictionId: string,
    word: Extract<FeedbackWord, { outcome: Outcome }>,
  ): Promise<JudgedFeedback | null> => {
    const context = { primaryHorizonMs: deps.primaryHorizonMs, nowMs: clock.now() };
    const judged = await judgeOutcome(db, { predictionId, ...word }, context);
    const { serviceId, atMs, label } = judged;
    const row = draft(request, {
      targetKind: "prediction",
      targetId: predictionId,
      label,
      serviceId,
      predictionId,
      atMs,
    });
    const effect: Effect = { change: judged.effect, retraining: null };
    return (await insertFeedback(db, { ...row, effect: { ...effect } })) ? { ...row, effect } : null;
  };

  /** The label is stored and learned by now; that no training could be started must not undo it. */
  const considerRetraining = async (taught: "class" | "outcome"): Promise<Retraining | null> => {
    try {
      return await deps.training.considerFeedback(taught);
    } catch (error) {
      deps.logger.warn({ err: error }, "feedback could not start a training job");
      return null;
    }
  };

  const repeat = async (request: NewFeedback): Promise<JudgedFeedback | null> => {
    if (request.idempotencyKey === null) return null;
    const earlier = await findFeedbackByKey(db, request.idempotencyKey);
    if (earlier === null) return null;
    if (earlier.requestHash !== request.requestHash) {
      throw invalid([{ path: "headers.idempotency-key", message: "this key was used for another request" }]);
    }
    return judged(earlier);
  };

  return {
    async give(request) {
      const earlier = await repeat(request);
      if (earlier !== null) return { feedback: earlier, repeated: true };
      const given =
        "class" in request.label
          ? await giveClass(request, request.label.class)
          : await giveOutcome(request, predictionOf(request.target), request.label);
      if (given === null) {
        const concurrent = await repeat(request);
        if (concurrent === null) throw new HarbingerError("BUG", "a feedback was refused that nobody else had given");
        return { feedback: concurrent, repeated: true };
      }
      deps.onLabel(given.effect.change.kind);
      const retraining = await considerRetraining(given.effect.change.kind);
      const effect: Effect = { ...given.effect, retraining };
      await recordFeedbackEffect(db, given.id, { ...effect });
      return { feedback: { ...given, effect }, repeated: false };
    },

    async find(id) {
      return judged(await require(db, id));
    },

    async withdraw(id) {
      const row = judged(await require(db, id));
      const learned = effectDeps();
      const change = await db.transaction().execute(async (tx) => {
        const { fingerprint, record, operator, label } = row;
        if (fingerprint !== null && record !== null && "class" in label) {
          const feedback: ClassFeedback = { id, fingerprint, record, class: label.class, operator };
          const applied = await withdrawClassFeedback(tx, feedback, learned);
          return applied === null ? null : withGroups(tx, feedback, applied, learned);
        }
        if (!(await withdrawFeedback(tx, id, clock.now()))) return null;
        return row.effect.change.kind === "outcome" ? withdrawnOutcome(row.effect.change) : null;
      });
      if (change?.kind === "class") await sleep(LABEL_SETTLING_MS);
      return { feedback: judged(await require(db, id)), change };
    },
  };
}

async function findJudgedError(
  db: Database,
  target: FeedbackTarget,
): Promise<{ kind: "classification" | "fingerprint"; id: string; judged: JudgedError }> {
  if ("classificationId" in target) {
    const id = target.classificationId;
    return { kind: "classification", id, judged: await errorOfClassification(db, id) };
  }
  if ("fingerprint" in target) {
    const id = target.fingerprint;
    return { kind: "fingerprint", id, judged: await errorOfFingerprint(db, id) };
  }
  throw invalid([{ path: "body.label", message: "a prediction is judged by an outcome" }]);
}

function predictionOf(target: FeedbackTarget): string {
  if ("predictionId" in target) return target.predictionId;
  throw invalid([{ path: "body.label", message: "an error is judged by a class" }]);
}

/** Brings the stored groups that the label speaks for in line with what is answered now. */
async function withGroups(
  db: Database,
  feedback: ClassFeedback,
  { effect, learned }: AppliedLabel,
  { engine, model }: LabelEffectDeps,
): Promise<ClassEffect> {
  const { fingerprint, record } = feedback;
  const groups = await reclassifyGroups(db, { fingerprint, record, now: effect.after }, { engine, model, learned });
  return { kind: "class", fingerprint, ...groups, ...effect };
}

function withdrawnOutcome(change: OutcomeEffect): OutcomeEffect {
  return {
    ...change,
    trainingRow: "by_rule",
    sentence: "The next training counts the moment by what the rules and incidents say again.",
  };
}

async function require(db: Database, id: string): Promise<FeedbackRow> {
  const row = await findFeedback(db, id);
  if (row === null) throw new HarbingerError("NOT_FOUND", "there is no such feedback");
  return row;
}

function judged(row: FeedbackRow): JudgedFeedback {
  // Only this file writes effects, and only in this shape.
  return { ...row, effect: row.effect as unknown as Effect };
}
