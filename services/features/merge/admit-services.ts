/** From names to rows: known services, new ones as long as there is room, and `_OTHER` for the rest. */
import type { ServiceIdentity } from "../../../models/telemetry/records.ts";
import { lockUntilCommit } from "../../platform/store/advisory-lock.ts";
import type { Database } from "../../platform/store/database.ts";
import {
  addServices,
  countServices,
  findServiceIds,
  identityKey,
  type NewService,
  OTHER_SERVICE,
} from "../../platform/store/services-store.ts";

const OTHER_KEY = identityKey(OTHER_SERVICE);

export interface Admission {
  idOf(identity: ServiceIdentity): number;
  /** whether the identity is counted under `_OTHER` */
  isOther(identity: ServiceIdentity): boolean;
}

/** @param services in order of `identityKey`, each once
 *  @param maxServices rows beside `_OTHER` */
export async function admitServices(
  transaction: Database,
  services: readonly NewService[],
  maxServices: number,
): Promise<Admission> {
  const ids = await findServiceIds(transaction, services);
  let unknown = services.filter((service) => !ids.has(identityKey(service)));
  if (unknown.length > 0) {
    await lockUntilCommit(transaction, "admission");
    // Somebody may have added them while we waited.
    for (const [key, id] of await findServiceIds(transaction, [...unknown, OTHER_SERVICE])) ids.set(key, id);
    unknown = unknown.filter((service) => !ids.has(identityKey(service)));
    const count = (await countServices(transaction)) - (ids.has(OTHER_KEY) ? 1 : 0);
    // A receiver folds what is too much for one request into `_OTHER` itself: that name takes no one's place.
    const named = unknown.filter((service) => identityKey(service) !== OTHER_KEY);
    for (const [key, id] of await addServices(transaction, named, maxServices - count)) ids.set(key, id);
    const rest = unknown.filter((service) => !ids.has(identityKey(service)));
    const [first] = rest;
    if (first !== undefined && !ids.has(OTHER_KEY)) {
      const span = {
        firstEventMs: rest.reduce((min, service) => Math.min(min, service.firstEventMs), first.firstEventMs),
        lastEventMs: rest.reduce((max, service) => Math.max(max, service.lastEventMs), first.lastEventMs),
      };
      for (const [key, id] of await addServices(transaction, [{ ...first, ...OTHER_SERVICE, ...span }], 1))
        ids.set(key, id);
    }
  }
  return {
    idOf: (identity) => {
      const id = ids.get(identityKey(identity)) ?? ids.get(OTHER_KEY);
      if (id === undefined) throw new Error("a service was neither admitted nor counted under _OTHER");
      return id;
    },
    isOther: (identity) => {
      const key = identityKey(identity);
      return key === OTHER_KEY || !ids.has(key);
    },
  };
}
