/** Ten thousand services at once: each counted under its own name, and what goes over the bound under `_OTHER`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExporter, type Exporter, type ExportRequest } from "../../helpers/otlp-exporter.ts";
import { exportRequest } from "../../helpers/otlp-load.ts";
import { nanos, resource } from "../../helpers/otlp-payloads.ts";
import { hasRedisServer } from "../../helpers/redis-server.ts";
import { queryRows, readWindowsOverHttp } from "../../helpers/telemetry-totals.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { expectBalance, settled } from "./settle.ts";

const MAX_SERVICES = 10_000;
const PER_REQUEST = 500;
const TOO_MANY = 300;
const MINUTE = 60_000;
const FROM_MS = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;

describe.skipIf(!hasRedisServer())("ten thousand services (skipped without a redis-server)", () => {
  let fleet: Fleet;
  let exporter: Exporter;

  beforeAll(async () => {
    fleet = await startFleet(["receiver,features,inference", "receiver,features,inference"], {
      HARBINGER_MAX_SERVICES: String(MAX_SERVICES),
      // Counting is what this is about.
      HARBINGER_ALLOWED_LATENESS: "10h",
      HARBINGER_IDLE_TIMEOUT: "10h",
    });
    exporter = createExporter({ urls: () => fleet.cluster.otlpUrls(), senders: 8, random: () => 1 });
  });
  afterAll(async () => {
    await fleet?.dispose();
  });

  const deliver = async (requests: ExportRequest[]) => {
    await exporter.deliver(requests.values());
    const [api = ""] = fleet.cluster.apiUrls("inference");
    expectBalance(await settled(fleet.databaseUrl, () => api, exporter.account.acknowledged), exporter.account);
  };
  /** requests served in the window that starts there, as [services with so many, how many each] */
  const countsAt = async (startMs: number) =>
    queryRows(
      fleet.databaseUrl,
      `select count(*)::int as services, request_count::int as each, bool_or(name = '_OTHER') as other
       from windows join services on services.id = service_id where start_ms = $1 group by request_count order by 2`,
      [startMs],
    );

  it("are all counted under their own names when they come in several requests at several receivers", async () => {
    const names = Array.from({ length: MAX_SERVICES }, (_, index) => `service-${index}`);
    const chunks = Array.from({ length: MAX_SERVICES / PER_REQUEST }, (_, index) =>
      names.slice(index * PER_REQUEST, (index + 1) * PER_REQUEST),
    );
    await deliver(chunks.map((chunk) => oneRequestEach(chunk, FROM_MS)));
    expect(await countsAt(FROM_MS)).toEqual([{ services: MAX_SERVICES, each: 1, other: false }]);
    for (const url of fleet.cluster.apiUrls("inference")) {
      const [window] = await readWindowsOverHttp(url, "service-9999");
      expect(window).toMatchObject({ requestCount: 1 });
    }
  }, 240_000);

  it("leave no room for more: further names are counted together, and known ones still apart", async () => {
    const startMs = FROM_MS + MINUTE;
    const names = Array.from({ length: TOO_MANY }, (_, index) => `one-too-many-${index}`);
    await deliver([oneRequestEach(names, startMs), oneRequestEach(["service-0", "service-1"], startMs)]);
    expect(await countsAt(startMs)).toEqual([
      { services: 2, each: 1, other: false },
      { services: 1, each: TOO_MANY, other: true },
    ]);
    for (const url of fleet.cluster.apiUrls("inference")) {
      const [window] = await readWindowsOverHttp(url, "_OTHER");
      expect(window).toMatchObject({ requestCount: TOO_MANY });
    }
  }, 240_000);

  it("are all counted under their own names when they come in one request", async () => {
    const startMs = FROM_MS + 2 * MINUTE;
    const names = Array.from({ length: MAX_SERVICES }, (_, index) => `service-${index}`);
    await deliver([oneRequestEach(names, startMs)]);
    expect(await countsAt(startMs)).toEqual([{ services: MAX_SERVICES, each: 1, other: false }]);
  }, 240_000);
});

/** Each of the services has served one request. */
function oneRequestEach(names: readonly string[], startMs: number): ExportRequest {
  const span = {
    ...{ traceId: "0a".repeat(16), spanId: "0a".repeat(8), name: "GET /", kind: 2, status: {} },
    ...{ startTimeUnixNano: nanos(startMs + 5), endTimeUnixNano: nanos(startMs + 10) },
  };
  const resourceSpans = names.map((name) => ({ resource: resource(name), scopeSpans: [{ spans: [span] }] }));
  return exportRequest("traces", { resourceSpans }, names.length, { isJson: false });
}
