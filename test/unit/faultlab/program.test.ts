import { describe, expect, it } from "vitest";
import { faultsOf, readFaults } from "../../../datasets/faultlab/program.ts";
import { PROGRAMS } from "../../../datasets/faultlab/programs.ts";

describe("the marks of faults", () => {
  it("give name, class, other acceptable classes and limits, whatever starts a comment in the language", () => {
    const source = [
      "# fault json-cut: serialization",
      "-- fault zip: data_integrity or serialization, crash (nofile=24, as=9)",
    ];
    expect(readFaults(source.join("\n"), "x")).toEqual([
      { name: "json-cut", class: "serialization", also: [], limits: [] },
      { name: "zip", class: "data_integrity", also: ["serialization", "crash"], limits: ["nofile=24", "as=9"] },
    ]);
  });

  it("are refused with a class that is none, or a name that is there twice", () => {
    expect(() => readFaults("# fault a: serialisation", "x.rb")).toThrow("x.rb: fault a is of no class: serialisation");
    expect(() => readFaults("# fault a: crash\n# fault a: crash", "x.rb")).toThrow("x.rb: fault a is there twice");
  });

  it.each(
    PROGRAMS.map((program) => [program.runtime, program] as const),
  )("are there in the program of %s", async (_, program) => {
    expect((await faultsOf(program)).length).toBeGreaterThan(20);
  });
});
