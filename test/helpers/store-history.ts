/** Writes a made-up past into a database as the features worker would have left it. */
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import { emptyWindowStats } from "../../models/windows/window-stats.ts";
import type { Database } from "../../services/platform/store/database.ts";
import { floatsToBytes } from "../../services/platform/store/float32.ts";
import type { StoreHistory } from "../../training/dataset/history.ts";

export async function storeHistory(db: Database, history: StoreHistory): Promise<void> {
  const stats = emptyWindowStats();
  for (const { serviceId, windows, vectors, onsetClasses } of history.services) {
    const [first, last] = [windows[0]?.startMs ?? 0, windows.at(-1)?.startMs ?? 0];
    await db
      .insertInto("services")
      .values({
        id: serviceId,
        namespace: "test",
        name: `service-${serviceId}`,
        environment: "",
        first_event_ms: first,
        last_event_ms: last,
        last_merged_ms: last,
      })
      .execute();
    await db
      .insertInto("windows")
      .values(
        windows.map(({ startMs, failed }) => {
          const classes = onsetClasses.get(startMs);
          return {
            service_id: serviceId,
            start_ms: startMs,
            stats: JSON.stringify({ ...stats, classes: classes ?? {} }),
            closed: true,
            failed,
            onset: classes !== undefined,
          };
        }),
      )
      .execute();
    await db
      .insertInto("feature_vectors")
      .values(
        vectors.map(({ atMs, vector }) => ({
          service_id: serviceId,
          at_ms: atMs,
          spec_hash: FEATURE_SPEC.hash,
          vector: floatsToBytes(vector),
        })),
      )
      .execute();
  }
}
