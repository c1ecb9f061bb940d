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
  let otherId: number | undefined;
  if (unknown.length > 0) {
    await lockUntilCommit(transaction, "admission");
    // Somebody may have added them while we waited.
    for (const [key, id] of await findServiceIds(transaction, [...unknown, OTHER_SERVICE])) ids.set(key, id);
    otherId = ids.get(identityKey(OTHER_SERVICE));
    unknown = unknown.filter((service) => !ids.has(identityKey(service)));
    const count = (await countServices(transaction)) - (otherId === undefined ? 0 : 1);
    for (const [key, id] of await addServices(transaction, unknown, maxServices - count)) ids.set(key, id);
    const rest = unknown.filter((service) => !ids.has(identityKey(service)));
    const [first] = rest;
    if (first !== undefined && otherId === undefined) {
      const span = {
        firstEventMs: rest.reduce((min, service) => Math.min(min, service.firstEventMs), first.firstEventMs),
        lastEventMs: rest.reduce((max, service) => Math.max(max, service.lastEventMs), first.lastEventMs),
      };
      const added = await addServices(transaction, [{ ...first, ...OTHER_SERVICE, ...span }], 1);
      otherId = added.get(identityKey(OTHER_SERVICE));
    }
  }
  const known = (identity: ServiceIdentity) => ids.get(identityKey(identity));
  return {
    idOf: (identity) => {
      const id = known(identity) ?? otherId;
      if (id === undefined) throw new Error("a service was neither admitted nor counted under _OTHER");
      return id;
    },
    isOther: (identity) => known(identity) === undefined,
  };
}
