/** Knows what is in stock. */
import { openDatabase } from "../service-kit/database.ts";
import { createRecentlyViewed } from "../service-kit/hoard.ts";
import { ShopError } from "../service-kit/shop-error.ts";
import { startService } from "../service-kit/start-service.ts";

startService("inventory", (parts) => {
  const { app } = parts;
  const database = openDatabase(parts);
  const remember = createRecentlyViewed(parts);

  app.get("/stock/:sku", async (request, response) => {
    const { sku } = request.params;
    remember(sku);
    const found = await database.transaction((client) =>
      client.query<{ quantity: number }>("select quantity from stock where sku = $1", [sku]),
    );
    const row = found.rows[0];
    if (row === undefined) throw new ShopError("UnknownProductError", 404, `there is no product ${sku}`);
    response.json({ sku, quantity: row.quantity });
  });

  app.post("/reservations", async (request, response) => {
    const { sku, quantity } = request.body;
    remember(sku);
    const reserved = await database.transaction((client) =>
      client.query("update stock set quantity = quantity - $2 where sku = $1", [sku, quantity]),
    );
    if (reserved.rowCount === 0) throw new ShopError("UnknownProductError", 404, `there is no product ${sku}`);
    response.status(201).json({ sku, quantity });
  });
});
