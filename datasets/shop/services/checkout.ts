/** Turns a cart into an order: reserves the goods, takes the money, writes the order down. */
import { createCurrencyRates } from "../service-kit/currency-rates.ts";
import { openDatabase } from "../service-kit/database.ts";
import { createRecentlyViewed } from "../service-kit/hoard.ts";
import { releaseFromEnvironment } from "../service-kit/release.ts";
import { startService } from "../service-kit/start-service.ts";

startService("checkout", (parts) => {
  const { app, callService } = parts;
  const database = openDatabase(parts);
  const rates = createCurrencyRates(releaseFromEnvironment());
  const remember = createRecentlyViewed(parts);

  app.post("/checkouts", async (request, response) => {
    const { sku, quantity, currency, card } = request.body;
    remember(sku);
    const amount = rates.convert(19.9 * Number(quantity), currency);
    await callService("inventory", "/reservations", { method: "POST", body: { sku, quantity }, timeoutMs: 800 });
    await callService("payment", "/payments", { method: "POST", body: { amount, currency, card }, timeoutMs: 800 });
    const orderId = await database.transaction(async (client) => {
      const inserted = await client.query<{ id: string }>(
        "insert into orders (sku, quantity, amount, currency) values ($1, $2, $3, $4) returning id",
        [sku, quantity, amount, currency],
      );
      return inserted.rows[0]?.id;
    });
    response.status(201).json({ orderId });
  });
});
