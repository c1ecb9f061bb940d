/** A small record of outages through a running Harbinger, from OTLP to `/predict`, beside the same record through `evaluate`. */
import { expect, it } from "vitest";
import { evaluateFrontDoor } from "../../../training/evaluate-front-door/front-door.ts";
import { madeUpRecord } from "./made-up-record.ts";

const HOUR_MS = 3_600_000;

it("answers through the front door what the offline evaluation answers", { timeout: 900_000 }, async () => {
  const report = await evaluateFrontDoor(madeUpRecord({ sites: 10, days: 15, seed: 1 }), {
    horizonMs: HOUR_MS,
    seed: 1,
    log: () => {},
    now: Date.now,
  });

  expect(report.lateRecords).toBe(0);
  expect(report.probes).toBe(10 * 15 * 144);
  expect(report.training).toMatchObject({ state: "promoted" });

  // the model that the service trained answers every question, and knows nothing of later
  expect(report.rows.positives).toBeGreaterThan(100);
  expect(report.steps).toEqual({ model: report.rows.count });
  expect(report.modelSawLater).toBe(0);

  // what is stored is what history gives, bit for bit, and the answer is the model's
  expect(report.vectors).toMatchObject({ rows: report.rows.count, differing: 0, missing: 0 });
  expect(report.championDifference).toBeLessThan(1e-9);

  // both have learned the same from it, as far as so few failures can tell
  const { auc, brier } = report.scores;
  expect(auc.ours).toBeGreaterThan(0.7);
  expect(Math.abs(auc.difference)).toBeLessThan(0.05);
  expect(Math.abs(brier.difference)).toBeLessThan(0.01);
});
