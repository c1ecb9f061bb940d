import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeError } from "../../../models/classifier/encoder.ts";
import type { ClassifierManifest } from "../../../models/classifier/manifest.ts";
import { CLASSIFIER_ENTRIES, explainTokens, scoreErrors } from "../../../models/classifier/network.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import { createSession, type OwnedSession } from "../../../services/platform/serving/onnx-session.ts";
import { exportNetwork } from "../../../training/classifier/export-network.ts";
import { loadPretrained } from "../../../training/evaluate-errors/load-pretrained.ts";
import { createRandom } from "../../../training/random.ts";

const HIDDEN = 24;
const CLASSES = ERROR_CLASSES.length;

const shipped = await loadPretrained();
const manifest: ClassifierManifest = { ...shipped.manifest, temperature: 0.7 };
const texts = [
  "connection refused by 10.0.0.7:5432",
  "Read timed out",
  "",
  "кириллица und Umlaut ö",
  "disk full ".repeat(40),
];
const encoded = Array.from({ length: 150 }, (_, index) =>
  encodeError(
    readError({
      service: { namespace: "", name: "", environment: "" },
      ...{ timeMs: 0, source: "log", attributes: {}, exceptionType: `Case${index}Error` },
      exceptionMessage: `${texts[index % texts.length]!} ${index % 3 === 0 ? `word${index}` : ""}`,
    }),
  ),
);

let drawn: OwnedSession;
let real: OwnedSession;
beforeAll(async () => {
  const random = createRandom(11);
  const normal = (size: number, scale: number) => Float32Array.from({ length: size }, () => scale * random.normal());
  const width = manifest.inputWidth;
  const graph = exportNetwork({
    linear: normal(width * CLASSES, 1),
    hidden: normal(width * HIDDEN, 1),
    hiddenBias: normal(HIDDEN, 0.3),
    output: normal(HIDDEN * CLASSES, 0.8),
    bias: normal(CLASSES, 0.3),
  });
  drawn = await createSession(graph, { enterAt: CLASSIFIER_ENTRIES });
  real = await createSession(shipped.onnx, { enterAt: CLASSIFIER_ENTRIES });
});
afterAll(async () => {
  await Promise.all([drawn?.release(), real?.release()]);
});

describe.each([
  ["a network as it is exported now", () => drawn],
  ["the shipped network", () => real],
])("%s, asked from tokens", (_, session) => {
  it("gives the probabilities of the whole graph", async () => {
    expect(session().entered?.features).toBeDefined();
    const parts = await scoreErrors(session(), manifest, encoded);
    const whole = await scoreErrors({ run: session().run }, manifest, encoded);
    expect(parts).toHaveLength(encoded.length);
    for (const [row, own] of parts.entries()) {
      for (const [c, probability] of own.entries()) expect(Math.abs(probability - whole[row]![c]!)).toBeLessThan(1e-5);
    }
  });

  it("explains as the whole graph does", async () => {
    const questions = encoded.map((own, index) => ({ encoded: own, class: index % CLASSES, probabilities: null }));
    const parts = await explainTokens(session(), manifest, questions);
    const whole = await explainTokens({ run: session().run }, manifest, questions);
    for (const [row, own] of parts.entries()) {
      const theirs = new Map(whole[row]!.map(({ token, weight }) => [token, weight]));
      // Where two tokens weigh the same, either may be the last one shown.
      const shared = own.filter(({ token }) => theirs.has(token));
      expect(shared.length).toBeGreaterThanOrEqual(own.length - 1);
      for (const { token, weight } of shared)
        if (token !== "(other tokens)") expect(Math.abs(weight - theirs.get(token)!)).toBeLessThan(1e-4);
      const sum = (tokens: typeof own) => tokens.reduce((total, { weight }) => total + weight, 0);
      expect(sum(own)).toBeCloseTo(sum(whole[row]!), 4);
    }
  });
});

it("only a graph with slopes can be explained from tokens", () => {
  expect(drawn.entered?.explained).toBeDefined();
});
