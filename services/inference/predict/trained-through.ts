/** Up to when a served model knows the past. Training writes it beside the version's metrics; versions are immutable, so each is
 *  looked up once. */
import type { EpochMs } from "../../../models/telemetry/records.ts";
import { FAILURE_PREDICTOR } from "../../platform/serving/definitions.ts";
import type { ServedModel } from "../../platform/serving/model-slot.ts";
import type { Database } from "../../platform/store/database.ts";
import { readVersion } from "../../platform/store/registry-store.ts";

export type TrainedThroughReader = (model: Pick<ServedModel<unknown>, "version" | "source">) => Promise<EpochMs | null>;

/** @returns null for a model of which it is not recorded, such as a shipped one */
export function createTrainedThroughReader(db: Database): TrainedThroughReader {
  let known: { version: string; throughMs: EpochMs | null } | null = null;
  return async ({ version, source }) => {
    if (source !== "registry") return null;
    if (known?.version !== version) {
      const throughMs = (await readVersion(db, FAILURE_PREDICTOR, version))?.metrics.trainedThroughMs;
      known = { version, throughMs: typeof throughMs === "number" ? throughMs : null };
    }
    return known.throughMs;
  };
}
