/** Takes the money: asks the card acquirer, which has its own pace and its own days. */
import { setTimeout as sleep } from "node:timers/promises";
import { createCurrencyRates } from "../service-kit/currency-rates.ts";
import { createRecentlyViewed } from "../service-kit/hoard.ts";
import { releaseFromEnvironment } from "../service-kit/release.ts";
import { ShopError } from "../service-kit/shop-error.ts";
import { startService } from "../service-kit/start-service.ts";
import { slownessNow } from "../service-kit/weaknesses.ts";

const ACQUIRER_TIMEOUT_MS = 600;

startService("payment", (parts) => {
  const { app, weaknesses } = parts;
  const rates = createCurrencyRates(releaseFromEnvironment());
  const remember = createRecentlyViewed(parts);

  app.post("/payments", async (request, response) => {
    const { amount, currency, card } = request.body;
    remember(card);
    if (card === "expired") throw new ShopError("CardDeclinedError", 402, "the card has expired");
    const fee = rates.convert(0.25, currency);
    await authorise(15 + 10 * Math.random() + slownessNow(weaknesses));
    response.status(201).json({ charged: amount + fee });
  });
});

/** The acquirer's answer takes `tookMs`; the service does not wait longer than its timeout. */
async function authorise(tookMs: number): Promise<void> {
  await sleep(Math.min(tookMs, ACQUIRER_TIMEOUT_MS));
  if (tookMs > ACQUIRER_TIMEOUT_MS) {
    throw new ShopError("AcquirerTimeoutError", 504, `card authorisation timed out after ${ACQUIRER_TIMEOUT_MS} ms`);
  }
}
