/** Finds the services that others call. A callee is named by `peer.service`, which is the service's name, or by an address, whose host
 *  is; it is looked for in the caller's environment first. */
import { addCalleeReports, calleesOf, type FeatureState } from "../../../models/features/fold.ts";
import type { ServiceIdentity } from "../../../models/telemetry/records.ts";

type KnownService = ServiceIdentity & { id: number };

/** @returns ids of the services that a caller means by a name, without the caller itself */
export function createCalleeLookup(
  services: readonly KnownService[],
): (caller: KnownService, callee: string) => readonly number[] {
  const inEnvironment = new Map<string, number[]>();
  const anywhere = new Map<string, number[]>();
  for (const service of services) {
    append(inEnvironment, `${service.environment}\u0000${service.name}`, service.id);
    append(anywhere, service.name, service.id);
  }
  return (caller, callee) => {
    for (const name of namesOf(callee)) {
      const found = inEnvironment.get(`${caller.environment}\u0000${name}`) ?? anywhere.get(name);
      if (found !== undefined) return found.filter((id) => id !== caller.id);
    }
    return [];
  };
}

/** Lets every caller's vector know what its callees say of themselves, in place.
 *  @param vectors one per service, of the same window, as `states` are */
export function reportToCallers(
  services: readonly KnownService[],
  states: readonly FeatureState[],
  vectors: readonly Float32Array[],
): void {
  const find = createCalleeLookup(services);
  const vectorOfId = new Map(services.map(({ id }, index) => [id, vectors[index]!]));
  services.forEach((caller, index) => {
    // One state and one vector per service.
    const names = calleesOf(states[index]!);
    if (names.length === 0) return;
    const ids = new Set(names.flatMap((name) => find(caller, name)));
    addCalleeReports(
      vectors[index]!,
      [...ids].map((id) => vectorOfId.get(id)!),
    );
  });
}

function namesOf(callee: string): string[] {
  const colon = callee.lastIndexOf(":");
  return colon > 0 ? [callee, callee.slice(0, colon)] : [callee];
}

function append(map: Map<string, number[]>, key: string, id: number): void {
  const ids = map.get(key);
  if (ids === undefined) map.set(key, [id]);
  else ids.push(id);
}
