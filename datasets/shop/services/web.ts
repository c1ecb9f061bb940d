/** The shop front: shows products and takes orders. */
import { createCurrencyRates } from "../service-kit/currency-rates.ts";
import { createRecentlyViewed } from "../service-kit/hoard.ts";
import { releaseFromEnvironment } from "../service-kit/release.ts";
import { startService } from "../service-kit/start-service.ts";

startService("web", (parts) => {
  const { app, callService } = parts;
  const rates = createCurrencyRates(releaseFromEnvironment());
  const remember = createRecentlyViewed(parts);

  app.get("/products/:sku", async (request, response) => {
    const { sku } = request.params;
    const currency = String(request.query.currency ?? "EUR");
    remember(sku);
    const stock = await callService("inventory", `/stock/${encodeURIComponent(sku)}`, { timeoutMs: 900 });
    response.json({ sku, price: rates.convert(19.9, currency), stock });
  });

  app.post("/orders", async (request, response) => {
    remember(request.body.sku);
    const price = rates.convert(19.9 * Number(request.body.quantity), request.body.currency);
    const order = await callService("checkout", "/checkouts", { method: "POST", body: request.body, timeoutMs: 1_800 });
    response.status(201).json({ order, price });
  });
});
