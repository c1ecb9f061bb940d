/** First act: Harbinger, then the shop, then its customers. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadCounts, startLoad } from "../load-generator.ts";
import { SERVICES, startShop } from "../runner/shop.ts";
import { createEpisodeStream } from "./episode-stream.ts";
import { createHarbingerApi } from "./harbinger-api.ts";
import { startHarbinger } from "./harbinger-process.ts";
import type { Running, Stage } from "./stage.ts";

export async function startAll(stage: Stage): Promise<Running> {
  const { settings, view, cleanUps } = stage;
  view.title("Starting Harbinger and a shop with faults");
  const folder = settings.folder ?? (await mkdtemp(join(tmpdir(), "harbinger-demo-")));
  await mkdir(folder, { recursive: true });
  cleanUps.push(async () => {
    if (settings.folder === undefined) await rm(folder, { recursive: true, force: true });
  });
  const harbinger = await startHarbinger({ ...settings, folder });
  cleanUps.push(() => harbinger.stop());
  view.line(`Harbinger is ready: API ${harbinger.apiUrl}, OTLP ${harbinger.otlpUrl}`);

  const { regions, requestsPerSecond, seed } = settings;
  const shop = await startShop({
    otlpEndpoint: harbinger.otlpUrl,
    regions,
    logFolder: settings.folder === undefined ? undefined : join(folder, "logs"),
  });
  cleanUps.push(() => shop.stop());
  const loads = regions.map((region, index) =>
    startLoad({ seed: seed * 100 + index, frontUrl: () => shop.frontUrl(region), requestsPerSecond }),
  );
  cleanUps.push(() => Promise.all(loads.map((load) => load.stop())));
  view.line(
    `the shop is open: ${regions.length} regions × ${SERVICES.join(", ")}; ${requestsPerSecond} customers/s each`,
  );
  return {
    apiUrl: harbinger.apiUrl,
    otlpUrl: harbinger.otlpUrl,
    episodes: createEpisodeStream(shop, settings, stage.signal),
    broken: harbinger.broken,
    api: createHarbingerApi(harbinger.apiUrl),
    shop,
    services: regions.flatMap((environment) => SERVICES.map((name) => ({ name, environment }))),
    loadCounts: () => addUp(loads.map((load) => load.counts())),
  };
}

function addUp(counts: readonly LoadCounts[]): LoadCounts {
  const total: LoadCounts = { sent: 0, ok: 0, refused: 0, failed: 0, turnedAway: 0 };
  for (const one of counts) {
    total.sent += one.sent;
    total.ok += one.ok;
    total.refused += one.refused;
    total.failed += one.failed;
    total.turnedAway += one.turnedAway;
  }
  return total;
}
