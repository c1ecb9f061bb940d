/** What a deployment tells the program about itself. */

/** @returns the running release and how long exchange rates stay good, in ms */
export function releaseFromEnvironment(): { release: string; timeToLiveMs: number } {
  return {
    release: process.env.SHOP_RELEASE ?? "1.4.0",
    timeToLiveMs: Number(process.env.SHOP_RATES_TTL_MS ?? 30_000),
  };
}
