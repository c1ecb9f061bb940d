/** A record of outages as the probes that made it: who was looked at, when, and with what outcome. */
import { DOWN, UNKNOWN } from "../../outages/outage-study.ts";
import { loadUpptime, type Repository, readRepositories, type Service } from "../../outages/upptime-csv.ts";
import { loadWebsites, readWebsites, STEP_MS } from "../../outages/websites-avt.ts";
import type { TimeRange } from "../reading/recorded-request.ts";

export interface Probe {
  site: string;
  /** whose list of sites it is on */
  namespace?: string;
  atMs: number;
  isUp: boolean;
  /** absent: there was no answer, or the record does not say */
  httpStatus?: number;
  latencyMs?: number;
}

export interface Probes {
  times: TimeRange | null;
  /** in the order of time; each call starts again */
  inOrder(): Iterable<Probe>;
}

export interface ProbeOptions {
  startMs?: number;
  isStudiedOnly?: boolean;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** how often Upptime looks, and how long the study follows a service after its last change */
const UPPTIME_INTERVAL_MS = 5 * MINUTE_MS;
const UPPTIME_FOLLOW_MS = 24 * HOUR_MS;
const NO_START_MS = 0;

/** One probe per site and step of 10 minutes in which its state is known. @param startMs of step 0: the file counts seconds from its
 *  own start; in windows of 10 minutes, step k is window k when it is a multiple of 10 minutes
 *  @throws RangeError naming the first line that is wrong */
export function readWebsiteProbes(
  text: string,
  { startMs = NO_START_MS, isStudiedOnly = false }: ProbeOptions,
): Probes {
  const studied = isStudiedOnly ? namesOf(loadWebsites(text, HOUR_MS).series) : null;
  const sites = readWebsites(text).filter(({ name }) => studied?.has(name) ?? true);
  const steps = sites[0]?.state.length ?? 0;
  const isKnown = (step: number) => sites.some(({ state }) => state[step] !== UNKNOWN);
  let first = 0;
  while (first < steps && !isKnown(first)) first += 1;
  let last = steps - 1;
  while (last > first && !isKnown(last)) last -= 1;
  return {
    times: first < steps ? { firstMs: startMs + first * STEP_MS, lastMs: startMs + last * STEP_MS } : null,
    *inOrder() {
      for (let step = first; step <= last; step += 1) {
        for (const { name, state } of sites) {
          if (state[step] === UNKNOWN) continue;
          yield { site: name, atMs: startMs + step * STEP_MS, isUp: state[step] !== DOWN };
        }
      }
    },
  };
}

/** Upptime looks every five minutes and writes down changes only: between two changes the last answer is repeated every five minutes,
 *  until a day after the last one or the end of the repository's record. @throws RangeError naming the first line that is wrong */
export function readUpptimeProbes(text: string, { isStudiedOnly = false }: ProbeOptions): Probes {
  const studied = isStudiedOnly ? namesOf(loadUpptime(text, HOUR_MS).series) : null;
  const watched = readRepositories(text).flatMap((repository) =>
    repository.services
      .filter(({ name }) => studied?.has(name) ?? true)
      .map((service) => ({ repository, service, endMs: endOf(service, repository) })),
  );
  const times = watched.reduce<TimeRange | null>((range, { service, endMs }) => {
    const firstMs = service.events[0]!.atMs;
    return { firstMs: Math.min(range?.firstMs ?? firstMs, firstMs), lastMs: Math.max(range?.lastMs ?? endMs, endMs) };
  }, null);
  return {
    times,
    inOrder: () => mergeProbes(watched.map(({ repository, service, endMs }) => probesOf(service, repository, endMs))),
  };
}

function namesOf(series: readonly { name: string }[]): Set<string> {
  return new Set(series.map(({ name }) => name));
}

function endOf({ events }: Service, repository: Repository): number {
  return Math.min(repository.lastMs, events.at(-1)!.atMs + UPPTIME_FOLLOW_MS);
}

function* probesOf({ name, events }: Service, repository: Repository, endMs: number): Generator<Probe> {
  for (const [index, event] of events.entries()) {
    const nextMs = events[index + 1]?.atMs ?? endMs + 1;
    for (let atMs = event.atMs; atMs < nextMs; atMs += UPPTIME_INTERVAL_MS) {
      yield {
        site: name,
        namespace: repository.name,
        atMs,
        isUp: !event.down,
        ...(event.httpStatus > 0 && { httpStatus: event.httpStatus }),
        ...(event.latencyMs > 0 && { latencyMs: event.latencyMs }),
      };
    }
  }
}

/** A few hundred sites: the earliest of their next probes is found by looking at all of them. */
function* mergeProbes(sources: Iterator<Probe>[]): Generator<Probe> {
  const heads = sources.map((source) => ({ source, next: source.next() }));
  for (;;) {
    let earliest: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done) continue;
      if (earliest === undefined || earliest.next.done || head.next.value.atMs < earliest.next.value.atMs)
        earliest = head;
    }
    if (earliest === undefined || earliest.next.done) return;
    yield earliest.next.value;
    earliest.next = earliest.source.next();
  }
}
