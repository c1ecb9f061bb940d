import { describe, expect, it } from "vitest";
import { renderRiskMetrics } from "../../../services/inference/operations/risk-metrics.ts";
import {
  composeAnswer,
  givePrediction,
  type Ingredients,
} from "../../../services/inference/predict/compose-prediction.ts";
import { createLastAnswers } from "../../../services/inference/predict/last-answers.ts";
import type { Asked, PredictQuery } from "../../../services/inference/predict/prediction.ts";

const MINUTE = 60_000;
const query = (changes: Partial<PredictQuery> = {}): PredictQuery => ({
  service: { name: "checkout" },
  explain: true,
  ...changes,
});
const asked = (changes: Partial<Asked> = {}): Asked => ({
  query: query(),
  service: { id: 1, namespace: "", name: "checkout", environment: "", firstEventMs: 0 },
  atMs: 100 * MINUTE,
  horizonsMs: [5 * MINUTE],
  explainedHorizonMs: 5 * MINUTE,
  ...changes,
});
const ingredients = (changes: Partial<Ingredients> = {}): Ingredients => ({
  asked: asked(),
  known: { vectors: new Map(), lastWindows: new Map(), failures: new Map(), incidents: new Map(), notes: new Map() },
  forecasted: {
    step: "prior",
    horizons: [{ horizonWindows: 5, probability: 0.04, lower: 0.01, upper: 0.1, confidence: 0.91 }],
    fleet: { onsets: 2, windows: 900 },
    service: { onsets: 0, windows: 0 },
  },
  model: null,
  windowSizeMs: MINUTE,
  riskThreshold: 0.5,
  ...changes,
});

describe("a prediction", () => {
  it("is a prior without a history, and warming with one", () => {
    expect(composeAnswer(ingredients()).model.state).toBe("prior");
    const lastWindows = new Map([[1, { endMs: 99 * MINUTE, failed: true }]]);
    const warming = composeAnswer(ingredients({ known: { ...ingredients().known, lastWindows } }));
    expect(warming).toMatchObject({
      model: { state: "warming" },
      failingNow: true,
      windowEndMs: 99 * MINUTE,
    });
    expect(warming.notes.join(" ")).toContain("failing already");
  });

  it("tells base rates in words", () => {
    expect(composeAnswer(ingredients()).explanation?.sentence).toBe(
      "4 % chance that a failure begins within 5m, from base rates alone: Nothing is known yet about checkout, all services together in 2 of 900.",
    );
  });

  it("says when its newest window is long past", () => {
    const lastWindows = new Map([[1, { endMs: 80 * MINUTE, failed: false }]]);
    const answer = composeAnswer(ingredients({ known: { ...ingredients().known, lastWindows } }));
    const given = (atMs: number) => givePrediction(answer, { id: "p1", atMs, madeAtMs: atMs }, MINUTE);
    expect(given(85 * MINUTE).notes).toEqual(answer.notes);
    const stale = given(100 * MINUTE);
    expect(stale.notes.join(" ")).toContain("ended 20m before that moment");
  });
});

describe("the last rung", () => {
  const given = { id: "p1", atMs: 100 * MINUTE, madeAtMs: 101 * MINUTE };
  const prediction = givePrediction(composeAnswer(ingredients()), given, MINUTE);

  it("repeats the last answer to the same question and marks it", () => {
    const answers = createLastAnswers();
    answers.remember(query(), prediction);
    expect(answers.recall(query())).toMatchObject({ id: "p1", step: "last_known", answer: prediction.answer });
    expect(answers.recall(query({ explain: false }))?.answer.explanation).toBeNull();
  });

  it("knows nothing of other questions, and never answers about a past moment", () => {
    const answers = createLastAnswers();
    answers.remember(query(), prediction);
    expect(answers.recall(query({ service: { name: "checkout", environment: "production" } }))).toBeNull();
    expect(answers.recall(query({ horizonsMs: [MINUTE] }))).toBeNull();
    expect(answers.recall(query({ atMs: 5 }))).toBeNull();
  });

  it("keeps a bounded number of answers, the newest ones", () => {
    const answers = createLastAnswers();
    for (let index = 0; index <= 10_000; index++) {
      answers.remember(query({ service: { name: `s${index}` } }), prediction);
    }
    expect(answers.recall(query({ service: { name: "s0" } }))).toBeNull();
    expect(answers.recall(query({ service: { name: "s10000" } }))).not.toBeNull();
  });
});

describe("risk as Prometheus text", () => {
  it("escapes labels and keeps the riskiest", () => {
    const risk = (name: string, probability: number) => ({
      namespace: "",
      name,
      environment: "",
      modelName: "failure-predictor",
      modelVersion: null,
      horizons: [{ horizonMs: 5 * MINUTE, probability }],
    });
    const text = renderRiskMetrics([risk("calm", 0.1), risk('a"b\\c\nd', 0.9)], 1);
    expect(text.split("\n")[2]).toBe(
      'harbinger_failure_probability{service_namespace="",service_name="a\\"b\\\\c\\nd",deployment_environment_name="",harbinger_horizon="5m",harbinger_model_version="failure-predictor"} 0.9',
    );
    expect(text).not.toContain("calm");
    expect(renderRiskMetrics([], 5)).toBe("");
  });
});
