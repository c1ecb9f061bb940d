/** Keeps a process's labels as new as every answer needs them, without a read per answer: a lease (Gray & Cheriton 1989, "Leases: an
 *  efficient fault-tolerant mechanism for distributed file cache consistency"), turned around.
 *
 *  A process answers from what it holds for `LABEL_LEASE_MS` after it asked for the clock's version, then asks again. Whoever changes a
 *  label commits and then waits `LABEL_SETTLING_MS`, which is longer, before he says that it is done. So a request that begins after
 *  that word finds every lease of before the commit run out, in every process, on every machine: only durations are compared, never
 *  clocks. When the database does not answer, what was learnt so far goes on answering. */
import type { RuleEngine } from "../../../models/rules/rule-engine.ts";
import type { Logger } from "../logger.ts";
import type { Database } from "../store/database.ts";
import { readLabelVersion } from "../store/labels-store.ts";
import { type LabelSet, NO_LABELS, readNewLabels } from "./label-set.ts";

const LABEL_LEASE_MS = 50;
/** With room for clocks that do not run alike. */
export const LABEL_SETTLING_MS = 60;

export interface LabelFollower {
  /** What counted at some moment of the last `LABEL_LEASE_MS`. */
  current(): Promise<LabelSet>;
  /** What is held, however old. */
  held(): LabelSet;
}

export interface LabelFollowerDeps {
  db: Database;
  engine: RuleEngine;
  logger: Logger;
  /** ms of a clock that never jumps; default `performance.now` */
  elapsedMs?(): number;
}

export function createLabelFollower({ db, engine, logger, ...deps }: LabelFollowerDeps): LabelFollower {
  const elapsedMs = deps.elapsedMs ?? (() => performance.now());
  let held = NO_LABELS;
  /** when the question was sent whose answer is held */
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: { sinceMs: number; done: Promise<void> } | null = null;

  const ask = async (sinceMs: number): Promise<void> => {
    try {
      const isCurrent = held.version >= 0 && (await readLabelVersion(db)) === held.version;
      const next = isCurrent ? held : await readNewLabels(db, held, engine);
      // A slower question may be answered after a later one.
      if (next.version >= held.version) held = next;
      askedAtMs = Math.max(askedAtMs, sinceMs);
    } catch (error) {
      // What was learnt so far still helps; the store's own health is reported elsewhere.
      logger.warn({ err: error }, "labels could not be refreshed; answering with those of the last refresh");
    }
  };

  return {
    held: () => held,
    async current() {
      const nowMs = elapsedMs();
      const isFresh = (sinceMs: number): boolean => nowMs - sinceMs < LABEL_LEASE_MS;
      if (isFresh(askedAtMs)) return held;
      if (asking === null || !isFresh(asking.sinceMs)) {
        const mine = { sinceMs: nowMs, done: ask(nowMs) };
        asking = mine;
        void mine.done.then(() => {
          if (asking === mine) asking = null;
        });
      }
      await asking.done;
      return held;
    },
  };
}
