/** Verdicts are remembered by what was reported; a label or another model must count at once all the same, in every worker. */
import { describe, expect, it } from "vitest";
import { createErrorReader } from "../../../models/classifier/error-reader.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { identifyErrors } from "../../../services/features/merge/identify-errors.ts";
import { createErrorClassifier } from "../../../services/platform/classification/error-classifier.ts";
import type { ModelHost } from "../../../services/platform/serving/model-host.ts";
import { servedModel } from "../../../services/platform/serving/model-slot.ts";
import { createLabeller } from "../../helpers/labeller.ts";
import { useShippedModels } from "../../helpers/shipped-models.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { error, T0 } from "./worker-fixture.ts";

const clock = { now: () => T0 };

const shipped = useShippedModels();

/** @returns what a worker makes of errors: one with a memory of its own */
function newWorker(served: Pick<ModelHost, "classifier"> = shipped.models) {
  const classifier = createErrorClassifier({ db: shipped.database.db, models: served, logger: silentLogger, clock });
  const fallbacks: number[] = [];
  const deps = {
    classifier,
    reader: createErrorReader(),
    logger: silentLogger,
    onFallback: (n: number) => fallbacks.push(n),
  };
  const judge = async (...records: ErrorRecord[]) =>
    (await identifyErrors(records, deps)).map(({ verdict }) => verdict);
  return { classifier, judge, fallbacks };
}

const timedOut = (ms: number) => error("web", T0, { exceptionMessage: `Read timed out after ${ms} ms` });
const odd = (table: number) =>
  error("web", T0, { exceptionType: "shop.KitchenError", exceptionMessage: `the soup of table ${table} came back` });

describe("verdicts of a stream", () => {
  it("are those that the classifier gives to each error alone", async () => {
    const worker = newWorker();
    const records = [
      timedOut(3),
      odd(4),
      timedOut(5),
      error("web", T0, { exceptionMessage: "No space left on device" }),
    ];
    const verdicts = await worker.judge(...records, ...records);
    const alone = await worker.classifier.classify([...records, ...records], { explain: false });
    expect(verdicts.map((verdict) => verdict.class)).toEqual(alone.map((answer) => answer.class));
    for (const [index, { probability }] of verdicts.entries())
      expect(probability).toBeCloseTo(alone[index]?.probability ?? Number.NaN, 6);
  });

  it("do not depend on what a worker saw before, or in which order", async () => {
    const records = Array.from({ length: 40 }, (_, index) => [timedOut(index), odd(index)][index % 2]!);
    const [first, second] = [newWorker(), newWorker()];
    const forwards = await first.judge(...records);
    await second.judge(odd(99), timedOut(1));
    const backwards = await second.judge(...[...records].reverse());
    expect(backwards.reverse()).toEqual(forwards);
  });

  it("follow a label at once, in every worker that remembers another verdict", async () => {
    const workers = [newWorker(), newWorker()];
    for (const worker of workers) expect((await worker.judge(odd(17)))[0]?.class).not.toBe("conflict");
    await createLabeller(shipped.database.db, shipped.models).give(odd(17), "conflict", "user@example.com");
    for (const worker of workers)
      expect((await worker.judge(odd(18)))[0]).toMatchObject({ class: "conflict", abstained: false });
  });

  it("are asked for again when another model serves, and not remembered while one is broken", async () => {
    const ready = servedModel(shipped.models.classifier())!;
    let runs = 0;
    let isBroken = true;
    const slot = (version: string) => ({
      ...{ ...ready, state: "ready" as const, refused: null, version },
      session: {
        run: (feeds: Parameters<typeof ready.session.run>[0]) => {
          runs += 1;
          return isBroken ? Promise.reject(new Error("gone")) : ready.session.run(feeds);
        },
      },
    });
    let version = "1";
    const worker = newWorker({ classifier: () => slot(version) });
    await worker.judge(timedOut(1));
    isBroken = false;
    await worker.judge(timedOut(2));
    await worker.judge(timedOut(3));
    expect(runs).toBe(2);
    version = "2";
    await worker.judge(timedOut(4));
    expect(runs).toBe(3);
    expect(worker.fallbacks).toEqual([]);
  });
});
