/** The customers: an open loop, so a slow shop does not make them come less often. Seeded, bounded, and only ever to 127.0.0.1. */
import { between, createRandom, pick, type Random } from "./random.ts";
import { CURRENCIES } from "./service-kit/currency-rates.ts";

export interface LoadOptions {
  seed: number;
  /** asked for every request, since a deployment moves the front */
  frontUrl: () => string;
  requestsPerSecond: number;
  /** beyond this many unanswered requests a customer is turned away and counted */
  maxInFlight?: number;
}

export interface LoadCounts {
  sent: number;
  ok: number;
  /** 4xx: wrong card, unknown product */
  refused: number;
  /** 5xx, no answer, no connection */
  failed: number;
  turnedAway: number;
}

export interface Load {
  counts(): LoadCounts;
  stop(): Promise<void>;
}

/** Share of customers who order; the others look. */
export const ORDER_RATIO = 0.7;
const PATIENCE_MS = 3_000;

export function startLoad({ seed, frontUrl, requestsPerSecond, maxInFlight = 100 }: LoadOptions): Load {
  const random = createRandom(seed);
  const counts: LoadCounts = { sent: 0, ok: 0, refused: 0, failed: 0, turnedAway: 0 };
  const inFlight = new Set<Promise<void>>();
  let timer: NodeJS.Timeout;
  let nextAtMs = performance.now();

  const visit = async () => {
    counts.sent += 1;
    try {
      const url = new URL(frontUrl());
      if (url.hostname !== "127.0.0.1") throw new Error("the load generator only visits this machine");
      const response = await fetch(...chooseRequest(random, url.origin));
      await response.arrayBuffer();
      if (response.ok) counts.ok += 1;
      else if (response.status < 500) counts.refused += 1;
      else counts.failed += 1;
    } catch {
      counts.failed += 1;
    }
  };
  const arrive = () => {
    // customers are independent of each other, but at these small numbers a Poisson stream would starve whole windows
    nextAtMs += (between(random, [0.5, 1.5]) * 1_000) / requestsPerSecond;
    timer = setTimeout(arrive, Math.max(0, nextAtMs - performance.now()));
    if (inFlight.size >= maxInFlight) {
      counts.turnedAway += 1;
      return;
    }
    const visiting = visit().finally(() => inFlight.delete(visiting));
    inFlight.add(visiting);
  };
  arrive();

  return {
    counts: () => ({ ...counts }),
    async stop() {
      clearTimeout(timer);
      await Promise.all(inFlight);
    },
  };
}

function chooseRequest(random: Random, origin: string): [string, RequestInit] {
  // a few customers are wrong themselves, as everywhere: an unknown product, an expired card
  const sku = random() < 0.01 ? "sku-0" : `sku-${1 + Math.floor(random() * 50)}`;
  const currency = pick(random, CURRENCIES);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  if (random() >= ORDER_RATIO) return [`${origin}/products/${sku}?currency=${currency}`, { signal }];
  const card = random() < 0.02 ? "expired" : "valid";
  const quantity = 1 + Math.floor(random() * 3);
  return [
    `${origin}/orders`,
    {
      method: "POST",
      signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sku, quantity, currency, card }),
    },
  ];
}
