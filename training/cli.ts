/** `npm run train -- [failure-predictor|error-classifier]`: one training job in this process, without a queue. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { newUuid, systemClock } from "../services/platform/clock.ts";
import { loadConfig } from "../services/platform/config/config.ts";
import { startEmbeddedPostgres } from "../services/platform/database/embedded-postgres.ts";
import { HarbingerError } from "../services/platform/errors.ts";
import { createLogger } from "../services/platform/logger.ts";
import type { TrainingJobRequest } from "../services/platform/queue/training-job.ts";
import { openDatabase } from "../services/platform/store/database.ts";
import { migrate } from "../services/platform/store/migrate.ts";
import {
  createTrainingJob,
  finishTrainingJob,
  startTrainingJob,
} from "../services/platform/store/training-jobs-store.ts";
import { buildCandidate } from "./build-candidate.ts";
import { parseDuration } from "./evaluate/parse-duration.ts";
import { runPipeline } from "./pipeline.ts";
import type { Report, TrainingSettings } from "./settings.ts";
import { settingsFrom } from "./settings-from.ts";

const USAGE = `usage: npm run train -- [failure-predictor|error-classifier] [options]

  --database-url URL     PostgreSQL to read from and register in (default: DATABASE_URL, else the embedded server)
  --data-directory DIR   folder of the embedded server (default: HARBINGER_DATA_DIRECTORY, else .harbinger); it must not be
                         in use: a running service trains through POST /training/jobs
  --horizon 15m          horizon that the gate judges (default: HARBINGER_PRIMARY_HORIZON)
  --through TIME         use only what happened until then, ISO 8601
  --epochs N  --seed N   instead of HARBINGER_TRAINING_EPOCHS and HARBINGER_TRAINING_SEED
  --pretrained           error-classifier only: make the version that ships in models/pretrained, without a database
  --leave-runtime-out    error-classifier only: its accuracy on each runtime of the shipped data, fitted without it
  --json FILE            write outcome, metrics and verdict there
  --help

exit code: 0 promoted, 2 rejected by the gate, 1 failed`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof HarbingerError || error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const model = readModel(positionals);
  if (values.pretrained === true) {
    if (model !== "error-classifier")
      throw new RangeError(`--pretrained makes the shipped error-classifier\n\n${USAGE}`);
    const { pretrain } = await import("./classifier/pretrain.ts");
    await pretrain({ seed: seedOf(values.seed), log: console.error });
    return 0;
  }
  if (values["leave-runtime-out"] === true) {
    if (model !== "error-classifier")
      throw new RangeError(`--leave-runtime-out is of the error-classifier\n\n${USAGE}`);
    const { leaveRuntimesOut } = await import("./classifier/leave-runtime-out.ts");
    await leaveRuntimesOut({ seed: seedOf(values.seed), members: 1, log: console.log });
    return 0;
  }
  const config = loadConfig({
    ...process.env,
    ...(values["database-url"] === undefined ? {} : { DATABASE_URL: values["database-url"] }),
    ...(values["data-directory"] === undefined ? {} : { HARBINGER_DATA_DIRECTORY: values["data-directory"] }),
  });
  const request: TrainingJobRequest = {
    model,
    requestedBy: "command line",
    reason: "manual",
    params: readParams(values),
  };
  const settings = settingsFrom(config, systemClock.now(), request);
  const logger = createLogger({ level: "warn", serviceName: "harbinger-train" });
  const embedded =
    config.database.url === undefined
      ? await startEmbeddedPostgres({ dataFolder: config.database.dataDir, logger, clock: systemClock })
      : undefined;
  try {
    const url = config.database.url?.reveal() ?? embedded?.url ?? "";
    const database = await openDatabase({ url, maxConnections: 2, applicationName: "harbinger-train", logger });
    try {
      await migrate(database.db, systemClock.now());
      const outcome = await runRecorded(database.db, request, settings);
      const text = JSON.stringify({ settings, ...outcome }, null, 2);
      if (values.json !== undefined) await writeFile(values.json, `${text}\n`);
      console.log(`${outcome.state}: ${String(outcome.verdict?.reason ?? outcome.error)}`);
      return outcome.state === "promoted" ? 0 : 2;
    } finally {
      await database.close();
    }
  } finally {
    await embedded?.stop();
  }
}

/** Runs the job and leaves a row of it, as a queued job does. */
async function runRecorded(
  db: Parameters<typeof createTrainingJob>[0],
  { model, requestedBy, reason, params }: TrainingJobRequest,
  settings: TrainingSettings,
) {
  const id = newUuid();
  await createTrainingJob(db, {
    id,
    model,
    requestedBy,
    reason,
    params: { ...params },
    createdAtMs: systemClock.now(),
  });
  await startTrainingJob(db, id, systemClock.now());
  const report: Report = async (stage, percent, detail = "") => {
    console.error(`${String(Math.round(percent)).padStart(3)} %  ${stage.padEnd(9)} ${detail}`);
  };
  try {
    const build = (...given: [TrainingSettings, Report]) => buildCandidate(db, ...given);
    const outcome = await runPipeline({ db, clock: systemClock, build }, settings, report);
    await finishTrainingJob(db, id, systemClock.now(), outcome);
    return outcome;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await finishTrainingJob(db, id, systemClock.now(), {
      state: "failed",
      version: null,
      metrics: null,
      verdict: null,
      error: message,
    });
    throw error;
  }
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        "database-url": { type: "string" },
        "data-directory": { type: "string" },
        horizon: { type: "string" },
        through: { type: "string" },
        epochs: { type: "string" },
        seed: { type: "string" },
        json: { type: "string" },
        pretrained: { type: "boolean" },
        "leave-runtime-out": { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new RangeError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function readModel(positionals: string[]): TrainingJobRequest["model"] {
  const [model = "failure-predictor"] = positionals;
  if (positionals.length <= 1 && (model === "failure-predictor" || model === "error-classifier")) return model;
  throw new RangeError(`unknown model ${positionals.join(" ")}\n\n${USAGE}`);
}

function readParams(values: Partial<Record<"horizon" | "through" | "epochs" | "seed", string>>) {
  const throughMs = values.through === undefined ? undefined : Date.parse(values.through);
  if (Number.isNaN(throughMs)) throw new RangeError(`--through must be an ISO 8601 time, got ${values.through}`);
  return {
    ...(values.horizon === undefined ? {} : { horizonMs: parseDuration(values.horizon) }),
    ...(throughMs === undefined ? {} : { throughMs }),
    ...(values.epochs === undefined ? {} : { epochs: wholeNumber("epochs", values.epochs) }),
    ...(values.seed === undefined ? {} : { seed: seedOf(values.seed) }),
  };
}

/** 1 where none is given. */
function seedOf(text: string | undefined): number {
  return text === undefined ? 1 : wholeNumber("seed", text);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= (name === "epochs" ? 1 : 0)) return value;
  throw new RangeError(`--${name} must be a whole number, got ${text}`);
}
