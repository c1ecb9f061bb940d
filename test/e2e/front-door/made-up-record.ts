/** A made-up availability trace: outages of a site come in bad stretches, so that after one of them the next is likely. */
import { createRandom, type Random } from "../../../datasets/shop/random.ts";

const STEP_SECONDS = 600;
const STEPS_PER_DAY = 144;

export interface RecordSize {
  sites: number;
  days: number;
  seed: number;
}

/** @returns text in AVT */
export function madeUpRecord({ sites, days, seed }: RecordSize): string {
  const random = createRandom(seed);
  return Array.from({ length: sites }, (_, site) => {
    const periods = upPeriods(upSteps(days * STEPS_PER_DAY, random));
    return `site-${site} ${periods.length / 2} ${periods.join(" ")}\n`;
  }).join("");
}

/** @returns shape [steps], 1 where the site is up; at both ends it is */
function upSteps(steps: number, random: Random): Uint8Array {
  const up = new Uint8Array(steps).fill(1);
  const upTo = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  for (let step = upTo(1, 200); step < steps; ) {
    for (let outages = upTo(3, 8); outages > 0; outages -= 1) {
      const down = upTo(1, 2);
      up.fill(0, step, step + down);
      step += down + upTo(2, 4);
    }
    step += 20 + Math.floor(-130 * Math.log(1 - random()));
  }
  up[steps - 1] = 1;
  return up;
}

/** @returns start, end, start, end … in seconds */
function upPeriods(up: Uint8Array): number[] {
  const bounds: number[] = [];
  for (let step = 0; step <= up.length; step += 1) {
    if ((up[step] ?? 0) !== (up[step - 1] ?? 0)) bounds.push(step * STEP_SECONDS);
  }
  return bounds;
}
