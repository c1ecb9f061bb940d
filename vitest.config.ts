import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number, globalSetup: string[] = []) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout * 2, globalSetup },
});

/** for suites that need a database */
const server = ["./test/helpers/embedded-server.ts"];

export default defineConfig({
  test: {
    projects: [
      project("unit", 10_000),
      project("golden", 20_000),
      // a run of nightly length is one test
      project("fuzz", 1_800_000),
      project("contract", 60_000, server),
      project("integration", 120_000, server),
      project("e2e", 240_000),
    ],
    maxWorkers: 2,
    reporters: ["default"],
  },
});
