/** A past written straight into the store: services, closed windows, feature vectors, and a champion whose answer is obvious. */
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { HAZARD_EDGES } from "../../../models/predictor/edges.ts";
import { identityCalibration } from "../../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import type { ServiceIdentity } from "../../../models/telemetry/records.ts";
import { emptyWindowStats } from "../../../models/windows/window-stats.ts";
import { setClosedThrough } from "../../../services/platform/store/clock-store.ts";
import type { Database } from "../../../services/platform/store/database.ts";
import { registerVersion, setAlias } from "../../../services/platform/store/registry-store.ts";
import { addServices, identityKey } from "../../../services/platform/store/services-store.ts";
import { writeVectors } from "../../../services/platform/store/vectors-store.ts";
import { exportPredictor } from "../../../training/export/export-predictor.ts";

export async function seedService(
  db: Database,
  identity: Partial<ServiceIdentity>,
  firstEventMs: number,
): Promise<number> {
  const service = { namespace: "", name: "checkout", environment: "", ...identity };
  const ids = await addServices(
    db,
    [{ ...service, firstEventMs, lastEventMs: firstEventMs, mergedAtMs: firstEventMs }],
    1,
  );
  return ids.get(identityKey(service)) ?? Number.NaN;
}

/** Closed windows from `startMs` on, one per entry of `failed`. */
export async function seedWindows(
  db: Database,
  serviceId: number,
  startMs: number,
  sizeMs: number,
  failed: ReadonlyArray<boolean | null>,
): Promise<void> {
  let before: boolean | null = null;
  const rows = failed.map((isFailed, index) => {
    const onset = isFailed === true && before === false;
    before = isFailed ?? before;
    return {
      service_id: serviceId,
      start_ms: startMs + index * sizeMs,
      request_count: 10,
      stats: JSON.stringify({ ...emptyWindowStats(), requestCount: 10, requestErrorCount: isFailed === true ? 8 : 0 }),
      closed: true,
      failed: isFailed,
      onset,
    };
  });
  await db.insertInto("windows").values(rows).execute();
  await setClosedThrough(db, startMs + failed.length * sizeMs);
}

/** The feature that the obvious champion reads. */
const READ_FEATURE = FEATURE_SPEC.features.findIndex(({ group }) => group === "error_level");

/** A vector in which all is missing but the one feature that the champion reads. */
export async function seedVector(db: Database, serviceId: number, atMs: number, value: number): Promise<void> {
  const vector = new Float32Array(FEATURE_SPEC.features.length).fill(Number.NaN);
  vector[READ_FEATURE] = value;
  await writeVectors(db, FEATURE_SPEC.hash, [{ serviceId, atMs, vector }]);
}

/** Its hazard logit in every bucket is -6 + 6 x, where x is the one feature it reads (ordinarily 0). */
export async function seedChampion(
  db: Database,
  options: {
    status?: "passed" | "rejected";
    trainedThroughMs?: number;
    alias?: boolean;
    windowSizeMs: number;
    atMs: number;
  },
): Promise<string> {
  const buckets = HAZARD_EDGES.length;
  const classes = ERROR_CLASSES.length;
  const manifest: PredictorManifest = {
    kind: "failure-predictor",
    format: 2,
    specHash: FEATURE_SPEC.hash,
    windowSizeMs: options.windowSizeMs,
    members: 1,
    edges: [...HAZARD_EDGES],
    scaler: {
      featureCount: FEATURE_SPEC.features.length,
      width: 1,
      features: [{ feature: READ_FEATURE, transform: "linear", unit: 1, mean: 0, deviation: 1, maskColumn: null }],
    },
    calibration: identityCalibration(buckets),
    expected: FEATURE_SPEC.features.map((_, index) => (index === READ_FEATURE ? 0 : null)),
    classes: [...ERROR_CLASSES],
    uncertainty: { calibrationDeviation: 0.2, spreadScale: 1 },
  };
  const artifact = exportPredictor({
    width: 1,
    buckets,
    members: 1,
    hidden: 1,
    classes,
    hiddenWeight: new Float32Array(1),
    hiddenBias: new Float32Array(1),
    linearWeight: new Float32Array(buckets).fill(6),
    outWeight: new Float32Array(buckets),
    bias: new Float32Array(buckets).fill(-6),
    classLinear: new Float32Array(classes),
    classHidden: new Float32Array(classes),
    classBias: Float32Array.from(ERROR_CLASSES, (name) => (name === "timeout" ? 5 : 0)),
  });
  const name = "failure-predictor";
  const { version } = await registerVersion(db, {
    name,
    status: options.status ?? "passed",
    manifest,
    metrics: {
      accuracy: 0.9,
      ...(options.trainedThroughMs === undefined ? {} : { trainedThroughMs: options.trainedThroughMs }),
    },
    verdict: {
      passed: options.status !== "rejected",
      reason: "for a test",
      rules: [{ rule: "calibration", passed: true, value: 0.021, limit: 0.05, sentence: "for a test" }],
    },
    card: "# A model whose answer is obvious",
    datasetHash: "0".repeat(64),
    artifact,
    createdAtMs: options.atMs,
  });
  if (options.alias !== false) {
    await setAlias(db, { name, alias: "champion", version, actor: "test", reason: "test", atMs: options.atMs });
  }
  return version;
}
