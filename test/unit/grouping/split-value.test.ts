import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toErrorRecord } from "../../../datasets/errors/labelled-error.ts";
import { createErrorReader } from "../../../models/classifier/error-reader.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { SPLIT_CRITERIA } from "../../../models/grouping/regrouping.ts";
import { splitValue } from "../../../models/grouping/split-value.ts";

const FAULTS = readFileSync(new URL("../../../datasets/errors/faultlab.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => toErrorRecord(JSON.parse(line)));

describe("what a group is split by", () => {
  it("is the same for the error as /classify reads it and for its gist in the worker", () => {
    const reader = createErrorReader();
    for (const fault of FAULTS) {
      const { gist } = reader.read(fault);
      for (const criterion of SPLIT_CRITERIA) {
        expect(splitValue(criterion, gist.error.chain, fault.service)).toBe(
          splitValue(criterion, readError(fault).chain, fault.service),
        );
      }
    }
  });

  it("keeps quoted values of the message, but not numbers", () => {
    const message = (text: string) =>
      splitValue("message", [{ message: text, frames: [] }], { namespace: "", name: "" });
    expect(message('user "a" of 17')).toBe(message('user "a" of 18'));
    expect(message('user "a" of 17')).not.toBe(message('user "b" of 17'));
  });

  it("is the frame nearest to the throw, of the innermost cause that has any", () => {
    const frame = (module: string) => ({ module, function: "f", inApp: false });
    const chain = [
      { message: "", frames: [frame("outer")] },
      { message: "", frames: [frame("inner"), frame("caller")] },
      { message: "", frames: [] },
    ];
    expect(splitValue("frame", chain, { namespace: "", name: "" })).toBe("inner#f");
  });
});
