/** Takes in what became of predictions, once it is known: a horizon after the prediction and the allowed lateness on top. Labels are made
 *  by the rule of training (models/features/labels.ts), with incidents and operators' verdicts as they are by then. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { labelExamples } from "../../models/features/labels.ts";
import { watchChampion } from "../../models/lifecycle/champion-watch.ts";
import { type KnownRow, knownOutcome } from "../../models/lifecycle/known-row.ts";
import { addOutcomes, advanceTo, baseRateOf, type LiveBaseRate } from "../../models/lifecycle/live-base-rate.ts";
import type { OutcomeSums } from "../../models/lifecycle/outcome-sums.ts";
import { watchShadow } from "../../models/lifecycle/shadow-watch.ts";
import {
  BASE_RATE,
  HIDDEN_ALIASES,
  type HiddenWatch,
  momentPlan,
  type WatchState,
} from "../platform/lifecycle/watch-state.ts";
import type { Database } from "../platform/store/database.ts";
import { type PredictionVerdict, readPredictionVerdicts } from "../platform/store/feedback-store.ts";
import { type IncidentSpan, readIncidents } from "../platform/store/incidents-store.ts";
import {
  addOutcomeSums,
  failureStates,
  nextPredictionAfter,
  pastPredictions,
  predictedServices,
} from "../platform/store/outcomes-store.ts";
import type { LifecycleDeps } from "./deps.ts";
import { withWatch } from "./with-watch.ts";

export interface OutcomeDeps extends LifecycleDeps {
  allowedLatenessMs: number;
}

interface Span {
  fromMs: number;
  throughMs: number;
}

/** Spans are a quarter of the horizon long: each needs two more horizons of history beside it. */
const SPANS_PER_HORIZON = 4;
const SERVICES_AT_ONCE = 200;

/** Takes in one span. @returns whether there may be another */
export async function takeInOutcomes(deps: OutcomeDeps): Promise<boolean> {
  const { horizonMs, windowSizeMs } = deps.horizon;
  const more = await withWatch(deps, async (transaction, state, closedThroughMs) => {
    const lastMs = closedThroughMs - horizonMs - deps.allowedLatenessMs;
    const readyMs = Math.floor(lastMs / windowSizeMs) * windowSizeMs;
    const fromMs = state.throughMs ?? readyMs;
    const spanMs = Math.ceil(horizonMs / windowSizeMs / SPANS_PER_HORIZON) * windowSizeMs;
    if (fromMs + spanMs > readyMs) return { state: { ...state, throughMs: fromMs }, result: false };
    const span = { fromMs, throughMs: fromMs + spanMs };
    const serviceIds = await predictedServices(transaction, span);
    if (serviceIds.length === 0) {
      // Nobody was there to predict for: on to the next that was.
      const nextMs = await nextPredictionAfter(transaction, fromMs);
      const throughMs = Math.min(readyMs, nextMs === null ? readyMs : nextMs - windowSizeMs);
      return { state: { ...state, throughMs: Math.max(span.throughMs, throughMs) }, result: nextMs !== null };
    }
    const rows = await readKnownRows(transaction, deps, state, serviceIds, span);
    return { state: await takeIn(transaction, deps, state, rows, span), result: true };
  });
  return more === true;
}

async function readKnownRows(
  transaction: Database,
  deps: OutcomeDeps,
  state: WatchState,
  serviceIds: readonly number[],
  span: Span,
): Promise<KnownRow[]> {
  const { horizonMs } = deps.horizon;
  const range = { fromMs: span.fromMs - horizonMs, toMs: span.throughMs + horizonMs };
  const incidents = groupByService(await readIncidents(transaction, range));
  const verdicts = groupByService(await readPredictionVerdicts(transaction));
  const rows: KnownRow[] = [];
  for (let from = 0; from < serviceIds.length; from += SERVICES_AT_ONCE) {
    const some = serviceIds.slice(from, from + SERVICES_AT_ONCE);
    rows.push(
      ...(await labelPredictions(transaction, deps, { state, serviceIds: some, span, range, incidents, verdicts })),
    );
    // The loop may also answer requests.
    await nextTurn();
  }
  return rows;
}

async function labelPredictions(
  transaction: Database,
  { horizon: { horizonMs, windowSizeMs } }: OutcomeDeps,
  asked: {
    state: WatchState;
    serviceIds: readonly number[];
    span: Span;
    range: { fromMs: number; toMs: number };
    incidents: Map<number, IncidentSpan[]>;
    verdicts: Map<number, PredictionVerdict[]>;
  },
): Promise<KnownRow[]> {
  const { serviceIds, span, range, incidents, verdicts } = asked;
  const shadows = HIDDEN_ALIASES.flatMap((alias) => asked.state.hidden[alias]?.version ?? []);
  const predictions = await pastPredictions(transaction, { serviceIds, ...span, horizonMs, shadows });
  const states = await failureStates(transaction, { serviceIds, ...range });
  const labels = new Map(
    serviceIds.map((id) => {
      const options = { sizeMs: windowSizeMs, incidents: incidents.get(id) ?? [], verdicts: verdicts.get(id) ?? [] };
      return [id, new Map(labelExamples(states.get(id) ?? [], options).map((label) => [label.atMs, label]))];
    }),
  );
  return predictions.flatMap((prediction) => {
    const label = labels.get(prediction.serviceId)?.get(prediction.atMs);
    const outcome = label === undefined ? null : knownOutcome(label, horizonMs / windowSizeMs);
    return label === undefined || outcome === null
      ? []
      : [{ ...prediction, outcome, windowsToOnset: label.windowsToOnset }];
  });
}

async function takeIn(
  transaction: Database,
  deps: OutcomeDeps,
  state: WatchState,
  rows: readonly KnownRow[],
  { throughMs }: Span,
): Promise<WatchState> {
  const { horizonMs } = deps.horizon;
  const plan = momentPlan(deps.horizon);
  const next: WatchState = { ...state, throughMs, outcomes: state.outcomes + rows.length };
  if (state.champion !== null) {
    const context = { plan, horizonMs, baseRateAt: rateReader(state.baseRate) };
    const { watch, sums } = watchChampion(state.champion, rows, context);
    next.champion = watch;
    await store(transaction, watch.version, BASE_RATE, sums);
  }
  for (const alias of HIDDEN_ALIASES) {
    const hidden = state.hidden[alias];
    if (hidden === undefined) continue;
    const { watch, sums } = watchShadow(hidden, rows, { plan, horizonMs });
    next.hidden = { ...next.hidden, [alias]: { ...watch, scoredThrough: hidden.scoredThrough } satisfies HiddenWatch };
    // Both aliases may point at one version; its sums count once.
    if (alias === "challenger" || state.hidden.challenger?.version !== hidden.version) {
      await store(transaction, watch.version, watch.against ?? BASE_RATE, sums);
    }
  }
  const positives = rows.reduce((sum, { outcome }) => sum + outcome, 0);
  next.baseRate = addOutcomes(
    advanceTo(state.baseRate, throughMs),
    { rows: rows.length, positives, throughMs },
    horizonMs,
  );
  return next;
}

function store(transaction: Database, version: string, against: string, sums: readonly OutcomeSums[]): Promise<void> {
  return addOutcomeSums(transaction, { version, against }, sums);
}

/** What becomes known within a span is known a horizon after it began at the earliest, so nothing of the span itself is needed. */
function rateReader(rate: LiveBaseRate): (atMs: number) => number {
  const known = new Map<number, number>();
  return (atMs) => {
    const value = known.get(atMs) ?? baseRateOf(advanceTo(rate, atMs));
    known.set(atMs, value);
    return value;
  };
}

function groupByService<T extends { serviceId: number }>(entries: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const entry of entries) groups.set(entry.serviceId, [...(groups.get(entry.serviceId) ?? []), entry]);
  return groups;
}
