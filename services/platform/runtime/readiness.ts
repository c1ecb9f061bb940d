/** Is every part of this process able to do its work right now? */
import { performance } from "node:perf_hooks";
import type { ReadyReport } from "./role.ts";

interface Readiness {
  ready: boolean;
  checks: Record<string, ReadyReport>;
}

export interface ReadinessRegistry {
  register(name: string, check: () => Promise<ReadyReport> | ReadyReport): void;
  /** Runs all checks at once; one that throws or does not answer is not ready. Never rejects. */
  report(): Promise<Readiness>;
}

const CHECK_TIMEOUT_MS = 3_000;

export function createReadinessRegistry(): ReadinessRegistry {
  const checks = new Map<string, () => Promise<ReadyReport> | ReadyReport>();
  return {
    register: (name, check) => {
      checks.set(name, check);
    },
    report: async () => {
      const reports = await Promise.all(
        [...checks].map(async ([name, check]): Promise<[string, ReadyReport]> => [name, await runCheck(check)]),
      );
      return { ready: reports.every(([, report]) => report.ready), checks: Object.fromEntries(reports) };
    },
  };
}

async function runCheck(check: () => Promise<ReadyReport> | ReadyReport): Promise<ReadyReport> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadyReport>((resolve) => {
    const detail = () => `no answer within ${Math.round(performance.now() - start)} ms`;
    timer = setTimeout(() => resolve({ ready: false, detail: detail() }), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
