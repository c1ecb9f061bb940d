/** The step of the lifecycle role that looks whether errors have moved away from those that the classifier knows. */
import { expect, it } from "vitest";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import { createClassifierDriftWatch } from "../../../services/lifecycle/watch-classifier-drift.ts";
import { createErrorClassifier } from "../../../services/platform/classification/error-classifier.ts";
import { ERROR_CLASSIFIER } from "../../../services/platform/serving/definitions.ts";
import { readDriftSignals } from "../../../services/platform/store/drift-store.ts";
import { addToErrorGroups } from "../../../services/platform/store/errors-store.ts";
import { useShippedModels } from "../../helpers/shipped-models.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const NOW_MS = 60 * DAY_MS;

const shipped = useShippedModels();

/** Forty kinds of error that were first seen at that moment. */
const kindsSeen = (firstSeenMs: number, exceptionType: string, message: string, errorClass: ErrorClass) =>
  addToErrorGroups(
    shipped.database.db,
    Array.from({ length: 40 }, (_, kind) => {
      const exceptionMessage = `${message} of part ${String.fromCharCode(97 + (kind % 26))}${kind}`;
      const service = { namespace: "", name: "shop", environment: "" };
      return {
        ...{ fingerprint: `v2-${firstSeenMs}-${String(kind).padStart(2, "0")}`, exceptionType },
        ...{ template: exceptionMessage, class: errorClass, probability: 0.9, abstained: false },
        sample: {
          ...{ service, timeMs: firstSeenMs, source: "log" as const, attributes: {} },
          ...{ exceptionType, exceptionMessage },
        },
        ...{ firstSeenMs, lastSeenMs: firstSeenMs, errorCount: 1 },
      };
    }),
  );

it("writes down that kinds of error have changed, since when, and looks every ten minutes", async () => {
  const { db } = shipped.database;
  const time = { nowMs: NOW_MS };
  const clock = { now: () => time.nowMs };
  const classifier = createErrorClassifier({ db, models: shipped.models, logger: silentLogger, clock });
  const look = createClassifierDriftWatch({ db, clock, models: shipped.models, classifier });
  const signsNow = async () => new Map((await readDriftSignals(db, ERROR_CLASSIFIER)).map((one) => [one.signal, one]));

  await kindsSeen(NOW_MS - 20 * DAY_MS, "TimeoutError", "no answer within 30 s from the ledger", "timeout");
  await look();
  const before = await signsNow();
  expect([...before.keys()].sort()).toEqual(["inputs.classes", "inputs.words", "loss", "novelty"]);
  for (const { drifting, atMs } of before.values())
    expect({ drifting, atMs }).toEqual({ drifting: false, atMs: NOW_MS });

  await kindsSeen(NOW_MS - DAY_MS, "JSONDecodeError", "unexpected character in the feed", "serialization");
  time.nowMs += 9 * MINUTE_MS;
  await look();
  expect((await signsNow()).get("inputs.classes")).toMatchObject({ drifting: false, atMs: NOW_MS });

  time.nowMs += MINUTE_MS;
  const seenAtMs = time.nowMs;
  await look();
  for (const signal of ["inputs.classes", "inputs.words"]) {
    const sign = (await signsNow()).get(signal);
    expect(sign).toMatchObject({ version: null, drifting: true, atMs: seenAtMs, driftingSinceMs: seenAtMs });
    expect(sign?.value).toBeGreaterThan(sign?.threshold ?? Number.NaN);
  }

  time.nowMs += 10 * MINUTE_MS;
  await look();
  expect((await signsNow()).get("inputs.classes")).toMatchObject({ atMs: time.nowMs, driftingSinceMs: seenAtMs });
});
