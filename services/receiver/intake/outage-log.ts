/** Says once that writing fails and once that it works again: a line per failed request would drown the reason. */
import type { Logger } from "../../platform/logger.ts";

export function reportOutages<Args extends unknown[], Result>(
  write: (...args: Args) => Promise<Result>,
  logger: Logger,
): (...args: Args) => Promise<Result> {
  let failures = 0;
  return async (...args) => {
    try {
      const result = await write(...args);
      if (failures > 0) logger.info({ failures }, "the telemetry queue takes jobs again");
      failures = 0;
      return result;
    } catch (error) {
      failures += 1;
      if (failures === 1)
        logger.warn({ err: error }, "the telemetry queue takes no jobs; senders are told to come back");
      throw error;
    }
  };
}
