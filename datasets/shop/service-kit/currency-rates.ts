/** Exchange rates with an expiry. Release 1.4 fetches an expired rate again; release 1.5 ("drop stale rates") only drops it, so the
 *  longer 1.5 runs, the more orders meet a rate that is not there. */

interface Rate {
  perEuro: number;
  expiresAtMs: number;
}

const PER_EURO: Readonly<Record<string, number>> = {
  EUR: 1,
  USD: 1.08,
  GBP: 0.86,
  CHF: 0.95,
  SEK: 11.3,
  DKK: 7.46,
  PLN: 4.3,
  CZK: 25.1,
  JPY: 170,
  CAD: 1.49,
};

export const CURRENCIES = Object.keys(PER_EURO);

/** @param timeToLiveMs when the last rate expires; the first does when nearly half of it is over, and then ever faster */
export function createCurrencyRates({ release, timeToLiveMs }: { release: string; timeToLiveMs: number }) {
  const refetches = !release.startsWith("1.5");
  const rates = new Map<string, Rate>();
  CURRENCIES.forEach((currency, index) => {
    rates.set(currency, rateOf(currency, timeToLiveMs * Math.cbrt((index + 1) / CURRENCIES.length)));
  });
  return {
    /** Converts an amount in euro. */
    convert(euro: number, currency: string): number {
      const now = Date.now();
      for (const [name, rate] of rates) {
        if (rate.expiresAtMs > now) continue;
        if (refetches) rates.set(name, rateOf(name, timeToLiveMs));
        else rates.delete(name);
      }
      // the defect: nobody asks whether the rate is still there
      return Math.round(euro * rates.get(currency)!.perEuro * 100) / 100;
    },
  };
}

function rateOf(currency: string, inMs: number): Rate {
  return { perEuro: PER_EURO[currency] ?? 1, expiresAtMs: Date.now() + inMs };
}
