/** One slot's life: which version should serve, load it beside the old one, swap, retire the old one. A version that is refused
 *  leaves the old one in place.
 *
 *      empty ──load──► ready ──newer champion──► swapping ──► ready      (swap)
 *        │                                          └───────► ready      (refused: the old one, with the reason)
 *        └──refused──► failed ──next champion──► ready
 */
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Database } from "../store/database.ts";
import type { ModelAlias } from "../store/registry-store.ts";
import type { LeasedSession } from "./leased-session.ts";
import { findAliased, findPretrained, type LoadedModel, loadModel, type StoredModel } from "./load-model.ts";
import type { ModelDefinition } from "./model-definition.ts";
import type { ModelSlot, Refusal } from "./model-slot.ts";

/** How long a replaced session outlives its last call: callers hold it between reading the slot and running it. */
const RETIREMENT_GRACE_MS = 30_000;

export interface SlotDeps {
  db: Database;
  logger: Logger;
  /** holds `<model>/<version>/{model.onnx,manifest.json}` for models that ship with the program; null: nothing stands in */
  pretrainedDir: string | null;
  /** what the slot follows; default `champion` */
  alias?: ModelAlias;
}

export interface ServedSlot<Manifest> {
  current(): ModelSlot<Manifest>;
  /** Compares with the registry and swaps when needed. Calls must not overlap. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export function createServedSlot<Manifest>(
  definition: ModelDefinition<Manifest>,
  deps: SlotDeps,
): ServedSlot<Manifest> {
  let slot: ModelSlot<Manifest> = { state: "empty" };
  let serving: LoadedModel<Manifest> | null = null;
  let refused: Refusal | null = null;
  const retiring = new Set<LeasedSession>();
  const log = deps.logger;

  const settle = (): void => {
    if (serving !== null) slot = { state: "ready", refused, ...serving };
    else slot = refused === null ? { state: "empty" } : { state: "failed", ...refused };
  };

  const retire = (old: LoadedModel<Manifest> | null): void => {
    if (old === null) return;
    retiring.add(old.session);
    old.session
      .retire(RETIREMENT_GRACE_MS)
      .catch((error: unknown) =>
        log.warn({ err: error, model: definition.name }, "a replaced model could not be freed"),
      )
      .finally(() => retiring.delete(old.session));
  };

  const isServing = (wanted: StoredModel): boolean =>
    serving !== null && serving.version === wanted.version && serving.source === wanted.source;

  /** Loads `wanted` and makes it serve; a refusal is remembered and logged, an outage is thrown. */
  const tryToServe = async (wanted: StoredModel): Promise<void> => {
    if (isServing(wanted)) return;
    if (serving !== null) slot = { state: "swapping", next: wanted.version, ...serving };
    try {
      const loaded = await loadModel(definition, wanted);
      const old = serving;
      serving = loaded;
      settle();
      retire(old);
      log.info(
        {
          model: definition.name,
          alias: deps.alias,
          version: wanted.version,
          source: wanted.source,
          replaced: old?.version,
        },
        "model serves",
      );
    } catch (error) {
      if (!(error instanceof HarbingerError) || error.retryable) throw error;
      refused = { version: wanted.version, error };
      log.error(
        { err: error, model: definition.name, version: wanted.version },
        "model refused; what served before keeps serving",
      );
    }
  };

  return {
    current: () => slot,
    async refresh() {
      try {
        const champion = await findAliased(deps.db, definition.name, deps.alias ?? "champion");
        if (champion !== null && refused?.version === champion.version) {
          // Versions are immutable: what was refused once would be refused again.
        } else if (champion !== null) {
          refused = null;
          await tryToServe(champion);
        } else refused = null;
        if (champion !== null && (serving !== null || refused === null)) return;
        const shipped = deps.pretrainedDir === null ? null : await findPretrained(deps.pretrainedDir, definition.name);
        if (shipped !== null) await tryToServe(shipped);
        else if (champion === null) {
          retire(serving);
          serving = null;
        }
      } finally {
        settle();
      }
    },
    async close() {
      const open = [...retiring, ...(serving === null ? [] : [serving.session])];
      serving = null;
      refused = null;
      settle();
      await Promise.all(open.map((session) => session.retire(0)));
    },
  };
}
