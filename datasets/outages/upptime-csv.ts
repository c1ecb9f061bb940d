/** State changes of services watched by Upptime: `repo,service,time,status,http_code,latency_ms` with a header line. The public file
 *  holds three repositories, 2020–26, ODbL 1.0; origin and licence in datasets/README.md.
 *
 *  Time is cut per service into hours from its first event, so that every row falls on the end of a window. A window's state is that of
 *  the last event before its end; a fall and a rise within one hour show as `falls` and `downShare`. */
import type { FleetObservation } from "../../models/features/feature-spec.ts";
import { DOWN, type OutageSeries, type OutageStudy, packRows, type RowDraft, type SPLITS, UP } from "./outage-study.ts";

const HOUR_MS = 3_600_000;
/** Upptime looks every five minutes. */
const PROBES_PER_HOUR = 12;
/** Rows every hour, from the 2nd day on, until a day after the service's last event. */
const FIRST_ROW = 24;
const MIN_EVENTS = 20;
const MAX_DOWN_SHARE = 0.8;
const MIN_ROWS = 50;

/** @param text whole file   @param horizonMs a multiple of one hour
 *  @throws RangeError naming the first line or setting that is wrong */
export function loadUpptime(text: string, horizonMs: number): OutageStudy {
  const horizon = horizonMs / HOUR_MS;
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`the horizon must be a multiple of one hour, got ${horizonMs} ms`);
  }
  const series: OutageSeries[] = [];
  const rows: RowDraft[] = [];
  for (const repository of readRepositories(text)) {
    const fleet = createFleet(repository);
    for (const service of repository.services) {
      if (!isWorthWatching(service.events)) continue;
      const one = seriesOf(service, repository, fleet);
      const drafts = rowsOf(service.events, repository, horizon, series.length);
      if (drafts.length < MIN_ROWS) continue;
      series.push(one);
      for (const draft of drafts) rows.push(draft);
    }
  }
  return {
    format: "upptime-csv",
    windowSizeMs: HOUR_MS,
    horizonWindows: horizon,
    probesPerWindow: PROBES_PER_HOUR,
    series,
    rows: packRows(rows),
  };
}

interface StateChange {
  atMs: number;
  down: boolean;
  /** 0: no answer */
  httpStatus: number;
  latencyMs: number;
}

export interface Service {
  name: string;
  /** ascending in time */
  events: StateChange[];
}

export interface Repository {
  name: string;
  firstMs: number;
  lastMs: number;
  services: Service[];
}

/** @throws RangeError naming the first line that is wrong */
export function readRepositories(text: string): Repository[] {
  const byRepository = new Map<string, Map<string, StateChange[]>>();
  text.split("\n").forEach((line, index) => {
    if (index === 0 || line.trim() === "") return;
    const fields = line.split(",");
    // A service's name may hold commas; the other columns may not.
    const repository = fields[0]!;
    const service = fields.slice(1, -4).join(",");
    const atMs = Date.parse(fields.at(-4) ?? "");
    const status = fields.at(-3);
    if (fields.length < 6 || Number.isNaN(atMs)) throw new RangeError(`line ${index + 1} is not a state change`);
    const services = byRepository.get(repository) ?? new Map<string, StateChange[]>();
    byRepository.set(repository, services);
    const events = services.get(service) ?? [];
    services.set(service, events);
    events.push({
      atMs,
      down: status === "down",
      httpStatus: Number(fields.at(-2)) || 0,
      latencyMs: Number(fields.at(-1)) || 0,
    });
  });
  return [...byRepository].map(([repository, services]) => {
    const sorted = [...services].map(([name, events]) => ({ name, events: events.sort((a, b) => a.atMs - b.atMs) }));
    return {
      name: repository,
      firstMs: Math.min(...sorted.map((service) => service.events[0]!.atMs)),
      lastMs: Math.max(...sorted.map((service) => service.events.at(-1)!.atMs)),
      services: sorted,
    };
  });
}

function isWorthWatching(events: readonly StateChange[]): boolean {
  const down = events.filter((event) => event.down).length;
  return events.length >= MIN_EVENTS && down <= MAX_DOWN_SHARE * events.length;
}

function seriesOf({ name, events }: Service, repository: Repository, fleet: Fleet): OutageSeries {
  const startMs = events[0]!.atMs;
  const endMs = Math.min(repository.lastMs, events.at(-1)!.atMs + FIRST_ROW * HOUR_MS);
  const windows = Math.max(1, Math.floor((endMs - startMs) / HOUR_MS));
  const state = new Uint8Array(windows);
  const falls = new Uint16Array(windows);
  const downShare = new Float32Array(windows);
  let next = 0;
  let down = false;
  for (let window = 0; window < windows; window++) {
    const windowEndMs = startMs + (window + 1) * HOUR_MS;
    let sinceMs = startMs + window * HOUR_MS;
    let downMs = 0;
    while (next < events.length && events[next]!.atMs <= windowEndMs) {
      const event = events[next++]!;
      if (down) downMs += event.atMs - sinceMs;
      else if (event.down) falls[window] = falls[window]! + 1;
      sinceMs = event.atMs;
      down = event.down;
    }
    if (down) downMs += windowEndMs - sinceMs;
    state[window] = down ? DOWN : UP;
    downShare[window] = downMs / HOUR_MS;
  }
  return {
    name,
    startMs,
    state,
    falls,
    downShare,
    fleetAt: (window) => fleet.between(startMs + window * HOUR_MS, startMs + (window + 1) * HOUR_MS),
  };
}

function rowsOf(events: readonly StateChange[], repository: Repository, horizon: number, series: number): RowDraft[] {
  const startMs = events[0]!.atMs;
  const spanMs = repository.lastMs - repository.firstMs;
  const lastRowMs = Math.min(
    repository.lastMs - horizon * HOUR_MS,
    events.at(-1)!.atMs + (FIRST_ROW - horizon) * HOUR_MS,
  );
  const falls = events.filter((event, index) => event.down && !events[index - 1]?.down).map((event) => event.atMs);
  const rows: RowDraft[] = [];
  let next = 0;
  let nextFall = 0;
  for (let hour = FIRST_ROW; startMs + hour * HOUR_MS <= lastRowMs; hour++) {
    const atMs = startMs + hour * HOUR_MS;
    while (next < events.length && events[next]!.atMs <= atMs) next++;
    while (nextFall < falls.length && falls[nextFall]! <= atMs) nextFall++;
    if (events[next - 1]!.down) continue;
    const share = (atMs - repository.firstMs) / spanMs;
    const split = splitOf(share);
    const sliceShare = split === "train" ? 0.56 : split === "validation" ? 0.69 : 1;
    const sliceEndMs = Math.min(repository.firstMs + sliceShare * spanMs, events.at(-1)!.atMs + FIRST_ROW * HOUR_MS);
    const fallMs = falls[nextFall];
    const windowsToFall = fallMs === undefined ? Number.NaN : Math.ceil((fallMs - atMs) / HOUR_MS);
    const observedWindows = Math.max(horizon, Math.floor((sliceEndMs - atMs) / HOUR_MS));
    rows.push({
      series,
      window: hour - 1,
      positive: windowsToFall <= horizon,
      windowsToOnset: windowsToFall <= observedWindows ? windowsToFall : Number.NaN,
      observedWindows,
      split,
    });
  }
  return rows;
}

/** Shares of the repository's span; the gaps between the slices keep their labels apart. */
function splitOf(share: number): (typeof SPLITS)[number] {
  if (share < 0.55) return "train";
  if (share >= 0.56 && share < 0.68) return "validation";
  return share >= 0.69 ? "test" : "gap";
}

interface Fleet {
  between(startMs: number, endMs: number): FleetObservation;
}

/** All services of a repository over time: how many are known and down after each change. */
function createFleet(repository: Repository): Fleet {
  const changes = repository.services
    .flatMap(({ events }) =>
      events.map((event, index) => ({
        atMs: event.atMs,
        known: index === 0 ? 1 : 0,
        down: Number(event.down) - Number(events[index - 1]?.down ?? false),
        onset: index > 0 && event.down && !events[index - 1]!.down ? 1 : 0,
      })),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const times = Float64Array.from(changes, (change) => change.atMs);
  const running = (measure: (change: (typeof changes)[number]) => number) => {
    let sum = 0;
    return Int32Array.from(changes, (change) => {
      sum += measure(change);
      return sum;
    });
  };
  const known = running((change) => change.known);
  const down = running((change) => change.down);
  const onsets = running((change) => change.onset);
  return {
    between(startMs, endMs) {
      const last = countUntil(times, endMs) - 1;
      const before = countUntil(times, startMs) - 1;
      const reportingCount = last < 0 ? 0 : known[last]!;
      const failedCount = last < 0 ? 0 : down[last]!;
      const onsetCount = (last < 0 ? 0 : onsets[last]!) - (before < 0 ? 0 : onsets[before]!);
      return { reportingCount, failedCount, onsetCount, requestCount: reportingCount, requestErrorCount: failedCount };
    },
  };
}

/** How many of the ascending times are <= moment. */
function countUntil(times: Float64Array, moment: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
