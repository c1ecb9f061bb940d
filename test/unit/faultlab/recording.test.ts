import { describe, expect, it } from "vitest";
import { readPrinted, readReport } from "../../../datasets/faultlab/recording.ts";

const outcome = (stdout: string, stderr = "") => ({ stdout, stderr, exitCode: 1 });

describe("what a program leaves behind", () => {
  it("is read from its block, message and trace over several lines", () => {
    const block = "@@type IOError\n@@message line one\nline two\n@@trace\nIOError: line one\n  at main\n@@end\n";
    expect(readReport(outcome(`noise\n${block}`))).toEqual({
      type: "IOError",
      message: "line one\nline two",
      trace: "IOError: line one\n  at main",
      exitCode: 1,
    });
  });

  it("has no type and no trace where the block has none", () => {
    expect(readReport(outcome("@@type \n@@message m\n@@trace\n\n@@end\n"))).toMatchObject({
      type: null,
      message: "m",
      trace: null,
    });
  });

  it("is nothing when the process died before it could print the block", () => {
    expect(readReport(outcome("@@type X\n@@mess"))).toBeNull();
  });

  it("is what it printed when nobody caught the failure, standard error first", () => {
    expect(readPrinted(outcome("progress", "Segmentation fault\n"))?.message).toBe("Segmentation fault");
    expect(readPrinted(outcome("on standard output"))?.message).toBe("on standard output");
    expect(readPrinted(outcome(""))).toBeNull();
  });
});
