/** Takes a champion back when its predictions turned out to be worth less than the base rate, and it is sure. The version before serves
 *  again, or base rates when there is none. Versions only ever go back here, never forth: one that was taken away comes back only when a
 *  person promotes it. */

import type { ChampionWatch } from "../../models/lifecycle/champion-watch.ts";
import { evidencePValue } from "../../models/lifecycle/paired-evidence.ts";
import { readWatchState } from "../platform/lifecycle/watch-state.ts";
import { FAILURE_PREDICTOR, predictorDefinition } from "../platform/serving/definitions.ts";
import type { Database } from "../platform/store/database.ts";
import { previousVersions, readVersion, setAlias } from "../platform/store/registry-store.ts";
import type { LifecycleDeps } from "./deps.ts";

interface RollbackSettings {
  enabled: boolean;
  /** 1 - the chance that a champion which is no worse than the base rate is ever taken back */
  confidence: number;
  minFailures: number;
}

export interface RollbackDeps extends LifecycleDeps {
  rollback: RollbackSettings;
  onRollback(): void;
}

const ACTOR = "harbinger";

/** @returns whether the champion was taken back */
export async function rollBackIfWorse(deps: RollbackDeps): Promise<boolean> {
  const { db, clock, logger, horizon, rollback } = deps;
  const { champion } = await readWatchState(db, horizon);
  if (champion === null || !rollback.enabled || !isWorse(champion, rollback)) return false;
  const evidence = describeEvidence(champion, rollback);
  const target = await lastGoodVersion(db, deps);
  const { changed } = await setAlias(db, {
    ...{ name: FAILURE_PREDICTOR, alias: "champion", version: target, expected: champion.version },
    ...{ actor: ACTOR, reason: describeReason(champion, target), atMs: clock.now(), rollbackEvidence: evidence },
  });
  if (!changed) return false;
  deps.onRollback();
  logger.warn(
    { model: FAILURE_PREDICTOR, from: champion.version, to: target, ...evidence },
    "the champion predicts worse than the base rate and was taken back",
  );
  return true;
}

function isWorse(champion: ChampionWatch, { confidence, minFailures }: RollbackSettings): boolean {
  return (
    champion.failures >= minFailures &&
    champion.brier > champion.baseRateBrier &&
    evidencePValue(champion.baseRateBetter) <= 1 - confidence
  );
}

function describeEvidence(champion: ChampionWatch, { confidence }: RollbackSettings) {
  const { rows, positives, failures, brier, baseRateBrier, sinceMs } = champion;
  return {
    ...{ rows, positives, failures, sinceMs, confidence },
    brier: brier / rows,
    baseRateBrier: baseRateBrier / rows,
    brierSkill: 1 - brier / baseRateBrier,
    pValue: evidencePValue(champion.baseRateBetter),
  };
}

function describeReason({ rows, failures, brier, baseRateBrier }: ChampionWatch, target: string | null): string {
  const skill = (1 - brier / baseRateBrier).toFixed(3);
  const instead = target === null ? "base rates answer" : `version ${target} serves again`;
  return `Brier skill ${skill} over ${rows} predictions and ${failures} failures is below that of the base rate: ${instead}`;
}

/** @returns null when no version before can be served by this program */
async function lastGoodVersion(db: Database, { horizon }: LifecycleDeps): Promise<string | null> {
  for (const version of await previousVersions(db, FAILURE_PREDICTOR, "champion")) {
    const row = await readVersion(db, FAILURE_PREDICTOR, version);
    if (row?.status === "passed" && isReadable(row.manifest, horizon.windowSizeMs)) return version;
  }
  return null;
}

function isReadable(manifest: unknown, windowSizeMs: number): boolean {
  try {
    return predictorDefinition.accept(manifest).windowSizeMs === windowSizeMs;
  } catch {
    // Fitted for other features: the model host would refuse it and leave the bad one in place.
    return false;
  }
}
