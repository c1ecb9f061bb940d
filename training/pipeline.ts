/** One training job from the store to the registry: candidate → gate → register (also what was rejected) → promote. A rejected
 *  candidate changes nothing about what serves. */
import type { Clock } from "../services/platform/clock.ts";
import { HarbingerError } from "../services/platform/errors.ts";
import type { Database } from "../services/platform/store/database.ts";
import {
  distrustedArtifacts,
  type ModelAlias,
  readAlias,
  readArtifact,
  readVersion,
  registerVersion,
  setAlias,
} from "../services/platform/store/registry-store.ts";
import type { TrainingOutcome } from "../services/platform/store/training-jobs-store.ts";
import type { Candidate, ChampionModel } from "./candidate.ts";
import type { ChampionComparison } from "./gate/gate.ts";
import { type GateVerdict, judge, MIN_VALIDATION_ROWS } from "./gate/gate.ts";
import { writeModelCard } from "./model-card.ts";
import type { Refused } from "./predictor-candidate.ts";
import type { Report, TrainingSettings } from "./settings.ts";

export interface PipelineDeps {
  db: Database;
  clock: Clock;
  /** makes the candidate of the model that is asked for */
  build(settings: TrainingSettings, report: Report): Promise<Candidate | Refused>;
}

/** Runs a job to its end. @throws whatever the store or the fit throws: the caller records it as a failure */
export async function runPipeline(
  deps: PipelineDeps,
  settings: TrainingSettings,
  report: Report,
): Promise<TrainingOutcome> {
  const { db, clock } = deps;
  await report("dataset", 1);
  const built = await deps.build(settings, report);
  if ("refused" in built) return outcome("rejected", null, built.metrics, built.refused, built.datasetHash);

  await report("gate", 88);
  const verdict = await judgeCandidate(db, built, settings);
  await report("register", 95, verdict.reason);
  const createdAtMs = clock.now();
  const { version, artifactSha256 } = await registerVersion(db, {
    name: settings.model,
    status: verdict.passed ? "passed" : "rejected",
    manifest: built.manifest,
    metrics: built.metrics,
    verdict: { ...verdict, datasetHash: built.datasetHash },
    card: writeModelCard(settings.model, built, verdict, createdAtMs),
    datasetHash: built.datasetHash,
    artifact: built.onnx,
    createdAtMs,
  });
  const done = (state: TrainingOutcome["state"], reason = verdict.reason) =>
    outcome(state, version, built.metrics, { ...verdict, reason }, built.datasetHash);
  if (!verdict.passed) return done("rejected");
  if ((await distrustedArtifacts(db, settings.model)).has(artifactSha256)) {
    return done("passed", "every rule of the gate is met, but these very weights served before and were taken back");
  }
  const alias = await aliasFor(db, settings);
  await setAlias(db, {
    ...{ name: settings.model, alias, version, actor: settings.requestedBy },
    ...{ reason: "passed the gate", atMs: clock.now() },
  });
  return alias === "champion" ? done("promoted") : done("passed", `${verdict.reason}; it is ${alias} now`);
}

/** Where there is no champion, nobody is displaced by the first. */
async function aliasFor(db: Database, { model, promotesTo }: TrainingSettings): Promise<ModelAlias> {
  return (await readAlias(db, model, "champion")) === null ? "champion" : promotesTo;
}

async function judgeCandidate(db: Database, candidate: Candidate, settings: TrainingSettings): Promise<GateVerdict> {
  const limits = { ...settings.gate, minRows: MIN_VALIDATION_ROWS };
  const champion = await readChampion(db, settings.model);
  if (champion === null) return judge({ ...candidate.gateInput, champion: null }, limits);
  let comparison: ChampionComparison | null = null;
  let championNote: string | undefined;
  try {
    comparison = await candidate.compare(champion);
  } catch (error) {
    // A champion that this program cannot read does not serve either (the model host refuses it), so it protects nothing.
    if (error instanceof HarbingerError && error.retryable) throw error;
    championNote = `champion ${champion.version} could not be compared: ${error instanceof Error ? error.message : String(error)}`;
  }
  const input = { ...candidate.gateInput, champion: comparison };
  return judge(championNote === undefined ? input : { ...input, championNote }, limits);
}

async function readChampion(db: Database, name: string): Promise<ChampionModel | null> {
  const version = await readAlias(db, name, "champion");
  const row = version === null ? null : await readVersion(db, name, version);
  const onnx = row === null ? null : await readArtifact(db, row.artifactSha256);
  return row === null || onnx === null ? null : { version: row.version, manifest: row.manifest, onnx };
}

function outcome(
  state: TrainingOutcome["state"],
  version: string | null,
  metrics: Record<string, unknown>,
  verdict: GateVerdict,
  datasetHash: string,
): TrainingOutcome {
  return { state, version, metrics, verdict: { ...verdict, datasetHash }, error: null };
}
