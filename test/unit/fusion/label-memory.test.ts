import { describe, expect, it } from "vitest";
import { identifyError } from "../../../models/classifier/fingerprint.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { createLabelMemory, type OperatorLabel, signatureOf, standingOf } from "../../../models/fusion/label-memory.ts";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";

const label = (operator: string, said: ErrorClass, weight = 1): OperatorLabel => ({
  operator,
  class: said,
  weight,
  atMs: 0,
});

const read = (exceptionType: string, exceptionMessage: string) =>
  readError({
    service: { namespace: "", name: "", environment: "" },
    timeMs: 0,
    source: "log",
    attributes: {},
    exceptionType,
    exceptionMessage,
  });

function rememberedAs(error: ReturnType<typeof read>, ...labels: OperatorLabel[]) {
  return createLabelMemory([{ fingerprint: identifyError(error).fingerprint, signature: signatureOf(error), labels }]);
}

describe("the standing of a group's labels", () => {
  it("cancels operators who contradict each other", () => {
    expect(standingOf([label("a", "timeout"), label("b", "conflict")])).toBeNull();
    expect(standingOf([label("a", "timeout"), label("b", "conflict"), label("c", "timeout")])).toEqual({
      class: "timeout",
      weight: 1,
      operators: 2,
    });
  });
});

describe("recall", () => {
  const seen = read("ShopError", "voucher of the spring campaign bounced at till 7");
  const recall = (error: ReturnType<typeof read>) =>
    rememberedAs(seen, label("a", "conflict")).recall(identifyError(error).fingerprint, () => signatureOf(error));

  it("knows the same error again, whatever its numbers", () => {
    expect(recall(read("ShopError", "voucher of the spring campaign bounced at till 31"))).toMatchObject({
      class: "conflict",
      similarity: 1,
    });
  });

  it("knows one that is worded almost alike", () => {
    const found = recall(read("ShopError", "voucher of the spring campaign bounced at till 7 again"));
    expect(found?.class).toBe("conflict");
    expect(found?.similarity).toBeLessThan(1);
  });

  it("never crosses exception types", () => {
    expect(recall(read("OtherError", "voucher of the spring campaign bounced at till 7"))).toBeNull();
  });

  it("says nothing about something else", () => {
    expect(recall(read("ShopError", "printer on fire"))).toBeNull();
  });
});
