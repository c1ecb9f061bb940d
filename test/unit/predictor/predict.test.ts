import { describe, expect, it } from "vitest";
import { identityCalibration, sigmoid } from "../../../models/predictor/hazard.ts";
import { PREDICTOR_CLASS_OUTPUT } from "../../../models/predictor/manifest.ts";
import { onsetWindow, predict } from "../../../models/predictor/predict.ts";
import { manifestOf, sessionOf } from "./fixtures.ts";

const vector = (...values: number[]) => Float32Array.from(values);

describe("forecasts", () => {
  it("answer every vector and horizon from one run", async () => {
    const session = sessionOf((row) => row[0]!);
    const forecasts = await predict(session, manifestOf(), [vector(-1, 0, 0, 0, 0), vector(1, 0, 0, 0, 0)], [10, 5]);
    expect(session.runs).toEqual([2]);
    expect(forecasts[0]!.horizons[0]!.probability).toBeCloseTo(sigmoid(-1), 6);
    expect(forecasts[1]!.horizons[0]!.probability).toBeCloseTo(sigmoid(1), 6);
    expect(forecasts[1]!.horizons[1]!.probability).toBeCloseTo(1 - Math.sqrt(1 - sigmoid(1)), 6);
  });

  it("widen the interval and lose confidence when the members disagree", async () => {
    const agreeing = await predict(
      sessionOf(() => 0),
      manifestOf(),
      [vector(0, 0, 0, 0, 0)],
      [10],
    );
    const torn = await predict(
      sessionOf((_, member) => (member === 0 ? 1 : -1)),
      manifestOf(),
      [vector(0, 0, 0, 0, 0)],
      [10],
    );
    const [sure, unsure] = [agreeing[0]!.horizons[0]!, torn[0]!.horizons[0]!];
    expect(sure.probability).toBeCloseTo(0.5, 9);
    expect(unsure.probability).toBeCloseTo(0.5, 9);
    expect(sure.upper - sure.lower).toBeCloseTo(0, 9);
    expect(unsure.lower).toBeLessThan(0.2);
    expect(unsure.upper).toBeGreaterThan(0.8);
    expect(unsure.confidence).toBeLessThan(sure.confidence);
  });

  it("name the classes to expect, most likely first, and none when the model learned none", async () => {
    const classHead = (rows: number) => ({
      [PREDICTOR_CLASS_OUTPUT]: {
        data: new Float32Array(rows * 3).map((_, index) => [0, 2, -9][index % 3]!),
        dims: [rows, 3],
      },
    });
    const session = sessionOf(() => 0, classHead);
    const [taught] = await predict(
      session,
      manifestOf({ classes: ["timeout", "crash", "conflict"] }),
      [vector(0, 0, 0, 0, 0)],
      [10],
    );
    expect(taught!.expectedClasses.map((entry) => entry.class)).toEqual(["crash", "timeout"]);
    expect(taught!.expectedClasses[0]!.probability).toBeCloseTo(sigmoid(2), 3);
    const [untaught] = await predict(session, manifestOf(), [vector(0, 0, 0, 0, 0)], [10]);
    expect(untaught!.expectedClasses).toEqual([]);
  });

  it("refuse a vector of another width and answer nothing for nothing", async () => {
    const session = sessionOf(() => 0);
    await expect(predict(session, manifestOf(), [vector(1, 2)], [10])).rejects.toThrow(/2 features, the model reads 5/);
    expect(await predict(session, manifestOf(), [], [10])).toEqual([]);
  });
});

describe("the time window", () => {
  const edges = [1, 2, 4, 8];
  const manifest = { edges, calibration: identityCalibration(4) };

  it("is the shortest span of buckets with half of the onset mass", () => {
    expect(onsetWindow([-9, -9, 2, -9], manifest, 8)).toMatchObject({ fromWindows: 2, toWindows: 4 });
    expect(onsetWindow([3, 0, 0, 0], manifest, 8)).toMatchObject({ fromWindows: 0, toWindows: 1 });
  });

  it("ends at the horizon", () => {
    expect(onsetWindow([-9, -9, -9, 2], manifest, 6)).toMatchObject({ fromWindows: 4, toWindows: 6 });
  });
});
