/** Grows boosted trees on a thread of its own, beside the network: neither needs the other until they are weighed against each other, and
 *  each keeps one core busy. */
import { type BoostedHazards, type BoostOptions, fitBoosted } from "./fit-boosted.ts";
import type { HazardRows } from "./fit-hazard.ts";
import { searchTrees, type TreesBase } from "./search-settings.ts";

export type TreesOrder =
  | { kind: "hello" }
  | { kind: "search"; fit: HazardRows; judge: HazardRows; base: TreesBase; thenOn: HazardRows }
  | { kind: "grow"; rows: HazardRows; options: BoostOptions };

export interface GrownTrees {
  options: BoostOptions;
  boosted: BoostedHazards;
}

/** @returns null where no trees help, and for a hello */
export default function answer(order: TreesOrder): GrownTrees | null {
  switch (order.kind) {
    case "hello":
      return null;
    case "search": {
      const options = searchTrees(order.fit, order.judge, order.base);
      return options && { options, boosted: fitBoosted(order.thenOn, null, options) };
    }
    case "grow":
      return { options: order.options, boosted: fitBoosted(order.rows, null, order.options) };
  }
}
