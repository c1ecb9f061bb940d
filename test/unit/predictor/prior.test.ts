import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { betaCdf, betaQuantile } from "../../../models/predictor/beta.ts";
import { priorPrediction, priorProbability } from "../../../models/predictor/prior.ts";

const nothing = { onsets: 0, windows: 0 };
const record = fc
  .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 100_000 }))
  .map(([onsets, windows]) => ({ onsets, windows }));

describe("the prior", () => {
  it("answers without any history, unsure and never 0", () => {
    const [forecast] = priorPrediction({ fleet: nothing, service: nothing }, [60]);
    expect(forecast!.probability).toBeGreaterThan(0.01);
    expect(forecast!.probability).toBeLessThan(0.2);
    expect(forecast!.upper - forecast!.lower).toBeGreaterThan(0.1);
  });

  it("moves from the fleet's rate to the service's own as its history grows", () => {
    const fleet = { onsets: 10, windows: 10_000 };
    const at = (windows: number) => priorProbability({ fleet, service: { onsets: windows / 50, windows } }, 1);
    expect(at(0)).toBeCloseTo(0.001, 4);
    expect(at(100)).toBeGreaterThan(at(0));
    expect(at(100)).toBeLessThan(0.01);
    expect(at(100_000)).toBeCloseTo(0.02, 3);
  });

  it("stays in (0, 1), inside its interval, and never falls with the horizon", () => {
    fc.assert(
      fc.property(record, record, (fleet, service) => {
        const forecasts = priorPrediction({ fleet, service }, [1, 5, 60]);
        forecasts.forEach((forecast, index) => {
          expect(forecast.probability).toBeGreaterThan(0);
          expect(forecast.probability).toBeLessThanOrEqual(1);
          expect(forecast.lower).toBeLessThanOrEqual(forecast.probability);
          expect(forecast.upper).toBeGreaterThanOrEqual(forecast.probability);
          expect(forecast.probability).toBeGreaterThanOrEqual(forecasts[index - 1]?.probability ?? 0);
          expect(forecast.probability).toBeCloseTo(priorProbability({ fleet, service }, forecast.horizonWindows), 12);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("the beta distribution", () => {
  it("knows closed forms: Beta(1, b) and Beta(2, 2)", () => {
    expect(betaCdf(0.3, 1, 5)).toBeCloseTo(1 - 0.7 ** 5, 10);
    expect(betaCdf(0.3, 2, 2)).toBeCloseTo(3 * 0.09 - 2 * 0.027, 10);
  });

  it("inverts itself", () => {
    const shape = fc.double({ min: 0.5, max: 2000, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), shape, shape, (probability, alpha, beta) => {
        expect(betaCdf(betaQuantile(probability, alpha, beta), alpha, beta)).toBeCloseTo(probability, 5);
      }),
    );
  });
});
