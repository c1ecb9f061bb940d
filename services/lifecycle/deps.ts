/** What every part of the role needs. */
import type { Clock } from "../platform/clock.ts";
import type { Horizon } from "../platform/lifecycle/watch-state.ts";
import type { Logger } from "../platform/logger.ts";
import type { Database } from "../platform/store/database.ts";

export interface LifecycleDeps {
  db: Database;
  clock: Clock;
  logger: Logger;
  horizon: Horizon;
}
