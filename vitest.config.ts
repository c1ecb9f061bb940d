import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout * 2,
    globalSetup,
    setupFiles: ["./test/helpers/property-seed.ts"],
    // real programs in real time, whose faults take seconds: one file at a time, and after everything else
    ...(name === "e2e" ? { maxWorkers: 1, sequence: { groupOrder: 1 } } : { maxWorkers: 2 }),
    // pure functions: nothing that one file leaves behind can reach another
    isolate: name !== "unit",
  },
});

/** for suites that need a database */
const server = ["./test/helpers/embedded-server.ts"];
/** for suites that start the program */
const program = ["./test/helpers/built-program.ts"];

export default defineConfig({
  test: {
    projects: [
      project("unit", 30_000),
      project("golden", 60_000),
      // a run of nightly length is one test
      project("fuzz", 1_800_000),
      project("contract", 120_000, server),
      project("integration", 240_000, [...server, ...program]),
      project("e2e", 240_000, program),
    ],
    reporters: ["default"],
  },
});
