import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout * 2 },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", 10_000),
      project("golden", 20_000),
      project("contract", 60_000),
      project("integration", 120_000),
      project("e2e", 240_000),
    ],
    maxWorkers: 2,
    reporters: ["default"],
  },
});
