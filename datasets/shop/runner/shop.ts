/** The whole shop: one PostgreSQL, and in each region four services as processes of their own. This is what a platform team's tooling would
 *  be: it starts, deploys, kills and restarts services and tells them where the others are. */
import { fileURLToPath } from "node:url";
import { type ChildProgram, endProgram, startChildProgram } from "./child-program.ts";

export const SERVICES = ["web", "checkout", "payment", "inventory"] as const;
export type ServiceName = (typeof SERVICES)[number];

export const HEALTHY_RELEASE = "1.4.0";

export interface ShopOptions {
  /** base of an OTLP/HTTP receiver, e.g. http://127.0.0.1:4318 */
  otlpEndpoint: string;
  regions: readonly string[];
  /** `http/protobuf`, as SDKs do by default, or `http/json` */
  otlpProtocol?: "http/protobuf" | "http/json";
  logFolder?: string | undefined;
}

export interface Shop {
  readonly regions: readonly string[];
  /** where customers go in a region now */
  frontUrl(region: string): string;
  /** tells a service what is wrong with it; `{}` heals it */
  weaken(region: string, service: ServiceName, weaknesses: Record<string, number>): void;
  /** the process dies at once, as by the kernel's hand */
  crash(region: string, service: ServiceName): Promise<void>;
  /** starts a service that is down */
  restart(region: string, service: ServiceName): Promise<void>;
  /** rolling: the new process serves before the old one stops */
  deploy(region: string, service: ServiceName, release: string, env?: Record<string, string>): Promise<void>;
  processIds(): number[];
  stop(): Promise<void>;
}

interface Running {
  program: ChildProgram;
  url: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const HEAP_LIMIT_MB = 112;

export async function startShop({
  otlpEndpoint,
  otlpProtocol = "http/protobuf",
  regions,
  logFolder,
}: ShopOptions): Promise<Shop> {
  const database = startChildProgram({
    name: "database",
    args: ["--import", "tsx", here("./database-process.ts"), ...regions.map(databaseOf)],
    env: {},
    logFolder,
  });
  const running = new Map<string, Running>();
  const leaving = new Set<ChildProgram>();
  const databaseUrl = await database.receive((message) => textField(message, "url"));
  let stopped = false;

  async function startOne(region: string, service: ServiceName, release: string, env: Record<string, string> = {}) {
    const program = startChildProgram({
      name: `${region}-${service}`,
      args: [
        `--max-old-space-size=${HEAP_LIMIT_MB}`,
        "--max-semi-space-size=4",
        ...["--import", here("../instrumentation.mjs"), "--import", "tsx"],
        here(`../services/${service}.ts`),
      ],
      env: {
        SHOP_DATABASE_URL: `${databaseUrl}/${databaseOf(region)}`,
        SHOP_RELEASE: release,
        OTEL_SERVICE_NAME: service,
        OTEL_RESOURCE_ATTRIBUTES: `service.namespace=shop,service.version=${release},deployment.environment.name=${region}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: otlpProtocol,
        ...TELEMETRY_SETTINGS,
        ...env,
      },
      logFolder,
    });
    leaving.add(program);
    const port = await program.receive((message) => numberField(message, "listening"));
    leaving.delete(program);
    running.set(keyOf(region, service), { program, url: `http://127.0.0.1:${port}` });
    tellPeers(region);
    return program;
  }

  function tellPeers(region: string): void {
    const members = SERVICES.flatMap((service) => {
      const member = running.get(keyOf(region, service));
      return member === undefined ? [] : [[service, member] as const];
    });
    const peers = Object.fromEntries(members.map(([service, { url }]) => [service, url]));
    for (const [, { program }] of members) program.send({ peers });
  }

  const find = (region: string, service: ServiceName): Running => {
    const found = running.get(keyOf(region, service));
    if (found === undefined) throw new Error(`there is no service ${service} in ${region}`);
    return found;
  };

  const shop: Shop = {
    regions,
    frontUrl: (region) => find(region, "web").url,
    weaken: (region, service, weaknesses) => find(region, service).program.send({ weaknesses }),
    crash: (region, service) => endProgram(find(region, service).program, "SIGKILL", 1_000),
    async restart(region, service) {
      if (!stopped) await startOne(region, service, HEALTHY_RELEASE);
    },
    async deploy(region, service, release, env) {
      if (stopped) return;
      const old = find(region, service).program;
      await startOne(region, service, release, env);
      leaving.add(old);
      void endProgram(old, "SIGTERM", 4_000).then(() => leaving.delete(old));
    },
    processIds: () => [database, ...[...running.values()].map(({ program }) => program)].map(({ pid }) => pid),
    async stop() {
      if (stopped) return;
      stopped = true;
      const programs = [...[...running.values()].map(({ program }) => program), ...leaving];
      await Promise.all(programs.map((program) => endProgram(program, "SIGTERM", 4_000)));
      database.send("stop");
      await endProgram(database, "SIGCONT", 8_000);
    },
  };

  try {
    await Promise.all(regions.flatMap((region) => SERVICES.map((s) => startOne(region, s, HEALTHY_RELEASE))));
  } catch (error) {
    await shop.stop();
    throw error;
  }
  return shop;
}

/** Standard OpenTelemetry settings: stable conventions, small batches, only the instrumentations a small web shop needs. */
const TELEMETRY_SETTINGS = {
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: "http,express,undici,pg,pino,runtime-node",
  OTEL_SEMCONV_STABILITY_OPT_IN: "http,database",
  OTEL_NODE_RESOURCE_DETECTORS: "env,serviceinstance",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  OTEL_BSP_SCHEDULE_DELAY: "400",
  OTEL_BLRP_SCHEDULE_DELAY: "400",
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  OTEL_METRIC_EXPORT_TIMEOUT: "1000",
  LOG_LEVEL: "warn",
};

const keyOf = (region: string, service: ServiceName) => `${region}/${service}`;
const databaseOf = (region: string) => `shop_${region.replace(/\W/g, "_")}`;

function textField(message: unknown, field: string): string | undefined {
  const value = typeof message === "object" && message !== null ? Object.entries(message) : [];
  const found = value.find(([key]) => key === field)?.[1];
  return typeof found === "string" ? found : undefined;
}

function numberField(message: unknown, field: string): number | undefined {
  const value = typeof message === "object" && message !== null ? Object.entries(message) : [];
  const found = value.find(([key]) => key === field)?.[1];
  return typeof found === "number" ? found : undefined;
}
