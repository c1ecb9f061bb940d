/** A made-up past of a small fleet, folded by the real features: failures announce themselves by rising error ratios and latency for
 *  some windows, a few come without warning, and some warnings come to nothing. Deterministic in its seed. */
import { advance, createFeatureState, vectorOf } from "../../models/features/fold.ts";
import { createWindowBuilder } from "../../models/windows/window-builder.ts";
import type { ServiceHistory, StoreHistory } from "../../training/dataset/history.ts";
import { createRandom, type Random } from "../../training/random.ts";

export interface FleetPlan {
  services: number;
  windows: number;
  windowSizeMs: number;
  seed: number;
  /** 0: nothing ever fails */
  failures?: number;
}

/** 2026-01-05T00:00:00Z, a Monday */
const START_MS = 1_767_571_200_000;

export function syntheticHistory(plan: FleetPlan): StoreHistory {
  const random = createRandom(plan.seed);
  const services = Array.from({ length: plan.services }, (_, index) =>
    syntheticService(plan, index + 1, random.fork(index)),
  );
  return { windowSizeMs: plan.windowSizeMs, everyWindows: 1, services };
}

type Phase = { kind: "healthy" | "building" | "failing"; left: number; ends: "failure" | "nothing" };

function syntheticService(plan: FleetPlan, serviceId: number, random: Random): ServiceHistory {
  const history: ServiceHistory = {
    serviceId,
    windows: [],
    incidents: [],
    verdicts: [],
    vectors: [],
    onsetClasses: new Map(),
  };
  let state = createFeatureState();
  let phase: Phase = { kind: "healthy", left: 20 + Math.floor(30 * random.uniform()), ends: "nothing" };
  let level = 0;
  let before: boolean | null = null;
  for (let window = 0; window < plan.windows; window += 1) {
    const startMs = START_MS + window * plan.windowSizeMs;
    if (phase.left <= 0) phase = nextPhase(phase, random, plan.failures ?? 1);
    phase.left -= 1;
    level = phase.kind === "building" ? Math.min(0.35, level + 0.03) : phase.kind === "failing" ? 0.8 : 0;
    const failed = phase.kind === "failing";
    const builder = createWindowBuilder();
    const requests = 20 + Math.floor(20 * random.uniform());
    for (let request = 0; request < requests; request += 1) {
      builder.request({
        durationMs: 20 * (1 + 10 * level) * (0.5 + random.uniform()),
        isError: random.uniform() < 0.01 + level,
      });
    }
    const stats = builder.build();
    state = advance(state, {
      startMs,
      windowSizeMs: plan.windowSizeMs,
      stats,
      failed,
      newFingerprintCount: level > 0 && random.uniform() < 0.2 ? 1 : 0,
      callers: null,
      fleet: { reportingCount: plan.services, failedCount: 0, onsetCount: 0, requestCount: 100, requestErrorCount: 1 },
    });
    history.windows.push({ startMs, failed });
    history.vectors.push({ atMs: startMs + plan.windowSizeMs, vector: vectorOf(state) });
    if (failed && before === false) history.onsetClasses.set(startMs, { timeout: 3, connectivity: 1 });
    before = failed;
  }
  return history;
}

function nextPhase(phase: Phase, random: Random, failures: number): Phase {
  if (phase.kind === "healthy" && failures > 0) {
    const ends = random.uniform() < 0.85 ? "failure" : "nothing";
    return { kind: "building", left: 8 + Math.floor(6 * random.uniform()), ends };
  }
  if (phase.kind === "building" && phase.ends === "failure") return { kind: "failing", left: 4, ends: "nothing" };
  return { kind: "healthy", left: 35 + Math.floor(50 * random.uniform()), ends: "nothing" };
}
