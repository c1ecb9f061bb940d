import { describe, expect, it } from "vitest";
import { faultsOf } from "../../../datasets/faultlab/program.ts";
import { PROGRAMS } from "../../../datasets/faultlab/programs.ts";
import type { Recording } from "../../../datasets/faultlab/recording.ts";
import { variantsOf } from "../../../datasets/faultlab/variants.ts";

const program = PROGRAMS[0]!;
const fault = (await faultsOf(program))[0]!;
const reported: Recording = { type: "Errno::EPIPE", message: "Broken pipe while writing", trace: "trace", exitCode: 1 };
const first = (): number => 0;
const formsOf = (recorded: Partial<Parameters<typeof variantsOf>[0]>) =>
  variantsOf({ program, fault, reported: null, wrapped: null, printed: null, ...recorded }, first);

describe("variants of a failure", () => {
  it("are the exception as it was caught, and a hard line of a log that has its words but not its type", () => {
    const [caught, told] = formsOf({ reported, wrapped: reported });
    expect(caught).toMatchObject({
      kind: "exception",
      exception_type: "Errno::EPIPE",
      stacktrace: "trace",
      hard: false,
    });
    expect(told).toMatchObject({ kind: "log", exception_type: null, hard: true });
    expect(told!.message).toContain("Broken pipe while writing");
    expect(told!.message).not.toContain("EPIPE");
  });

  it("do not tell a message that says nothing without its type", () => {
    const forms = formsOf({ reported: { ...reported, message: "/srv/data/prices.csv" }, wrapped: reported });
    expect(forms.map((form) => form.id.split("-").at(-1))).toEqual(["caught", "wrapped"]);
  });

  it("carry label, family and exit code of the fault that was provoked", () => {
    const [printed] = formsOf({ printed: { ...reported, type: null, exitCode: 139 } });
    expect(printed).toMatchObject({
      class: fault.class,
      family: `provoked-${fault.name}`,
      runtime: program.runtime,
      attributes: { "process.exit.code": 139 },
    });
  });

  it("are none of a fault that left nothing behind", () => {
    expect(formsOf({})).toEqual([]);
  });
});
