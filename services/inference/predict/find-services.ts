/** From the names that queries give to the services that are meant. Names asked about are kept until services come or go. */
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "../../platform/store/database.ts";
import type { KnownChanges } from "../../platform/store/known-changes.ts";
import { type KnownService, matches, servicesCalled } from "../../platform/store/service-lookup.ts";
import { chooseService } from "../services/service-reference.ts";
import { createKeptWhile } from "./kept-while.ts";
import type { PredictQuery } from "./prediction.ts";

interface ServiceQuestion {
  query: PredictQuery;
  atMs: EpochMs;
  /** where it stands in the request */
  path: string;
}

/** @returns one per question, in order; null where nobody of that name is known
 *  @throws INVALID_INPUT for a name that several services have */
export type ServiceFinder = (questions: readonly ServiceQuestion[]) => Promise<(KnownService | null)[]>;

const NAMES_KEPT = 10_000;

export function createServiceFinder(db: Database, changes: Pick<KnownChanges, "edition">): ServiceFinder {
  const kept = createKeptWhile<readonly KnownService[]>(NAMES_KEPT);

  const candidatesFor = (questions: readonly ServiceQuestion[]): Promise<readonly KnownService[]>[] => {
    const edition = changes.edition("services");
    const stamp = edition === null ? null : String(edition);
    const found = new Map<string, Promise<readonly KnownService[]>>();
    const missing = new Set<string>();
    for (const { query } of questions) {
      const { name } = query.service;
      // What was kept may lack a first event that was found to be earlier: harmless now, but not for the past.
      const known = query.atMs === undefined ? kept.get(name, stamp) : undefined;
      if (known === undefined) missing.add(name);
      else found.set(name, known);
    }
    if (missing.size > 0) {
      const reading = servicesCalled(db, [...missing]);
      for (const name of missing) {
        const own = reading.then((byName) => byName.get(name) ?? []);
        found.set(name, own);
        kept.put(name, stamp, own);
      }
    }
    return questions.map(({ query }) => found.get(query.service.name)!); // found or read above
  };

  return async (questions) => {
    const candidates = await Promise.all(candidatesFor(questions));
    return questions.map((question, index) => {
      const named = candidates[index]!.filter((service) => matches(service, question.query.service));
      return chooseAt(named, question);
    });
  };
}

/** Of several services of one name, those that had reported by then come first: one that appeared later must not make an earlier
 *  question ambiguous. */
function chooseAt(named: readonly KnownService[], { query, atMs, path }: ServiceQuestion): KnownService | null {
  const then = named.filter(({ firstEventMs }) => firstEventMs <= atMs);
  return chooseService(then.length > 0 ? then : named, query.service, `${path}.service`);
}
