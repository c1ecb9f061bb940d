import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeError, writeDense } from "../../../models/classifier/encoder.ts";
import { classifierFeeds, explainTokens, logOdds, scoreErrors } from "../../../models/classifier/network.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { argmax } from "../../../models/fusion/pool.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { createErrorClassifier } from "../../../services/platform/classification/error-classifier.ts";
import { servedModel } from "../../../services/platform/serving/model-slot.ts";
import { createLabeller } from "../../helpers/labeller.ts";
import { useShippedModels } from "../../helpers/shipped-models.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const clock = { now: () => 1_000 };

const record = (fields: Partial<ErrorRecord>): ErrorRecord => ({
  service: { namespace: "", name: "shop", environment: "" },
  timeMs: 0,
  source: "span_event",
  attributes: {},
  ...fields,
});

const timeoutRecord = record({
  exceptionType: "org.postgresql.util.PSQLException",
  exceptionMessage: "ERROR: canceling statement due to statement timeout",
  attributes: { "db.response.status_code": "57014" },
});

const shipped = useShippedModels();

const newClassifier = () =>
  createErrorClassifier({ db: shipped.database.db, models: shipped.models, logger: silentLogger, clock });
const labeller = () => createLabeller(shipped.database.db, shipped.models);

describe("the shipped classifier", () => {
  it("answers from the first call, with every voice's vote and its reasons", async () => {
    const [answer] = await newClassifier().classify([timeoutRecord]);
    expect(answer).toMatchObject({ class: "timeout", abstained: false, retryable: true, step: "full" });
    expect(answer!.votes.rules?.class).toBe("timeout");
    expect(answer!.votes.model?.class).toBe("timeout");
    expect(answer!.explanation.rule?.id).toMatch(/statement-timeout$/);
    expect(answer!.explanation.sentence).toContain("PSQLException");
    expect(answer!.recommendedActions.length).toBeGreaterThan(1);
  });

  it("answers a batch in its order", async () => {
    const answers = await newClassifier().classify([
      record({ body: "No space left on device" }),
      timeoutRecord,
      record({ exceptionType: "ModuleNotFoundError", exceptionMessage: "No module named 'redis'" }),
    ]);
    expect(answers.map((answer) => answer.class)).toEqual(["resource_exhausted", "timeout", "configuration"]);
  });

  it("says by which tokens: they add up to the log-odds of the class", async () => {
    const model = servedModel(shipped.models.classifier())!;
    const encoded = encodeError(readError(timeoutRecord));
    const features = new Float32Array(model.manifest.inputWidth);
    writeDense(encoded, features, 0);
    const { logits } = await model.session.run(classifierFeeds(model.manifest, features, 1));
    const scaled = [...logits!.data].map((value) => value / model.manifest.temperature);
    const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
    for (const [index] of ERROR_CLASSES.entries()) {
      const [weights] = await explainTokens(model.session, model.manifest, [
        { encoded, class: index, probabilities: null },
      ]);
      const sum = weights!.reduce((total, { weight }) => total + weight, 0);
      expect(sum).toBeCloseTo(scaled[index]! - mean, 3);
    }
  });

  it("says by which tokens, to the last digit, for whatever text", async () => {
    const word = fc.constantFrom(
      "timeout",
      "refused",
      "null",
      "disk",
      "token",
      "zorblax",
      "0x1f",
      "EOF",
      "42",
      "схема",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 12 }), async (words) => {
        const model = servedModel(shipped.models.classifier())!;
        const encoded = encodeError(readError(record({ body: words.join(" ") })));
        const [probabilities] = await scoreErrors(model.session, model.manifest, [encoded]);
        const asked = argmax(probabilities!);
        const [weights] = await explainTokens(model.session, model.manifest, [
          { encoded, class: asked, probabilities: probabilities! },
        ]);
        const sum = weights!.reduce((total, { weight }) => total + weight, 0);
        const wanted = logOdds(probabilities!, asked);
        expect(Math.abs(sum - wanted)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted));
        // What was added to the bias is no more than rounding: the graph's own numbers say the same.
        const [own] = await explainTokens(model.session, model.manifest, [
          { encoded, class: asked, probabilities: null },
        ]);
        expect(Math.abs(weights!.at(-1)!.weight - own!.at(-1)!.weight)).toBeLessThan(1e-3);
      }),
      { numRuns: 30 },
    );
  });

  it("falls back to the rules, and says so, when the model fails", async () => {
    const ready = servedModel(shipped.models.classifier())!;
    const broken = {
      classifier: () => ({
        ...ready,
        state: "ready" as const,
        refused: null,
        session: { run: () => Promise.reject(new Error("gone")) },
      }),
    };
    const [answer] = await createErrorClassifier({
      db: shipped.database.db,
      models: broken,
      logger: silentLogger,
      clock,
    }).classify([timeoutRecord]);
    expect(answer).toMatchObject({ class: "timeout", step: "rules_only", modelVersion: null });
    expect(answer!.votes.model).toBeNull();
  });
});

describe("feedback", () => {
  const odd = (id: number) =>
    record({ exceptionType: "shop.KitchenError", exceptionMessage: `the soup of table ${id} came back twice` });

  it("changes the very next answer of every process, for this error and for near ones", async () => {
    const [here, there] = [newClassifier(), newClassifier()];
    const [before] = await there.classify([odd(17)]);
    await here.classify([odd(17)]);
    const { effect } = await labeller().give(odd(17), "conflict", "user@example.com");
    expect(effect.before.class).toBe(before!.class);
    expect(effect.after).toMatchObject({ class: "conflict", abstained: false });
    for (const classifier of [here, there]) {
      const [same, near] = await classifier.classify([
        odd(4),
        record({ ...odd(4), exceptionMessage: "the soup of table 4 came back twice today" }),
      ]);
      expect(same).toMatchObject({ class: "conflict" });
      expect(same!.votes.memory?.class).toBe("conflict");
      expect(near!.votes.memory?.class).toBe("conflict");
      expect(same!.explanation.memory).toMatchObject({ similarity: 1, operators: 1 });
    }
  });

  it("can be taken back", async () => {
    const [before] = await newClassifier().classify([timeoutRecord]);
    const { give, withdraw } = labeller();
    const { effect, feedback } = await give(timeoutRecord, "conflict", "a@example.com");
    expect(effect.after.class).toBe("conflict");
    expect(effect.rules.some((change) => change.disagreed === 1)).toBe(true);
    expect(effect.weights.after).not.toEqual(effect.weights.before);
    const withdrawn = await withdraw(feedback);
    expect(withdrawn?.effect.after).toEqual(effect.before);
    expect(withdrawn?.effect.weights.after).toEqual(effect.weights.before);
    const [after] = await newClassifier().classify([timeoutRecord]);
    expect(after).toEqual(before);
    expect(await withdraw(feedback)).toBeNull();
  });

  it("stays silent where operators contradict each other", async () => {
    const torn = record({ exceptionType: "shop.TornError", exceptionMessage: "who knows" });
    const { give } = labeller();
    await give(torn, "timeout", "a@example.com");
    await give(torn, "crash", "b@example.com");
    const [answer] = await newClassifier().classify([torn]);
    expect(answer!.votes.memory).toBeNull();
  });

  it("keeps two judgements that come at once", async () => {
    const { give } = labeller();
    await Promise.all(
      ["c@example.com", "d@example.com", "e@example.com"].map((operator) => give(timeoutRecord, "timeout", operator)),
    );
    const [answer] = await newClassifier().classify([timeoutRecord]);
    expect(answer!.explanation.memory).toMatchObject({ class: "timeout", operators: 3 });
  });
});
