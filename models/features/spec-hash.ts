/** Stable hash of a feature spec: 64-bit FNV-1a (Fowler, Noll and Vo, 1991) over version, names, units and groups, in order.
 *  It guards against mix-ups, not against attackers. */
import type { FeatureDefinition } from "./feature-spec.ts";

const OFFSET_BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/** @returns 16 lower-case hex digits */
export function specHash(features: readonly FeatureDefinition[], version: number): string {
  const text = [`v${version}`, ...features.map((feature) => `${feature.name}|${feature.unit}|${feature.group}`)].join(
    "\n",
  );
  let hash = OFFSET_BASIS;
  for (let index = 0; index < text.length; index++) {
    hash = ((hash ^ BigInt(text.charCodeAt(index))) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(16, "0");
}
