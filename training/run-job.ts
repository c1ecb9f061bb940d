/** The training process: one order in, progress and an outcome out, then it ends. It also ends when its parent does, so that a killed
 *  service leaves no training behind. */
import { systemClock } from "../services/platform/clock.ts";
import { createLogger } from "../services/platform/logger.ts";
import { openDatabase } from "../services/platform/store/database.ts";
import { buildCandidate } from "./build-candidate.ts";
import type { JobOrder, JobReport } from "./job-messages.ts";
import { runPipeline } from "./pipeline.ts";
import type { Report } from "./settings.ts";

process.once("disconnect", () => process.exit(1));
process.once("message", (message) => {
  // The parent is this same program (run-in-child.ts).
  void runOrder(message as JobOrder).finally(() => process.disconnect());
});

async function runOrder({ databaseUrl, logLevel, settings }: JobOrder): Promise<void> {
  const logger = createLogger({ level: logLevel, serviceName: "harbinger-training" });
  try {
    const database = await openDatabase({
      url: databaseUrl,
      maxConnections: 2,
      applicationName: "harbinger-training",
      logger,
    });
    try {
      const { db } = database;
      const report: Report = (stage, percent, detail) => send({ kind: "progress", stage, percent, detail });
      const build = (...args: [typeof settings, Report]) => buildCandidate(db, ...args);
      const outcome = await runPipeline({ db, clock: systemClock, build }, settings, report);
      await send({ kind: "done", outcome });
    } finally {
      await database.close();
    }
  } catch (error) {
    logger.error({ err: error }, "the training job failed");
    await send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function send(report: JobReport): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) return reject(new Error("this program is started by the training worker"));
    process.send(report, undefined, undefined, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
