/** The environment, parsed once into one frozen object. Pure: everything else receives its part of it by argument. */
import type { NameBounds } from "../../../models/windows/bounded-map.ts";
import { HarbingerError } from "../errors.ts";
import { formatDuration, SECOND } from "./parsers.ts";
import type { Secret } from "./secret.ts";
import { type Role, SETTINGS, type Setting, type SettingValues } from "./settings.ts";

export interface Config {
  readonly roles: readonly Role[];
  readonly host: string;
  readonly http: { readonly port: number };
  readonly api: { readonly tokens: readonly Secret[] };
  readonly shutdownTimeoutMs: number;
  readonly receiver: {
    readonly httpPort: number;
    /** absent: switched off */
    readonly grpcPort?: number;
    /** absent: in plain text */
    readonly tls?: TlsFiles;
    readonly maxConnections: number;
    readonly maxBodyBytes: number;
    readonly ingestTokens: readonly Secret[];
    readonly maxPastMs: number;
    readonly maxFutureMs: number;
    readonly maxInFlightBytes: number;
    readonly maxQueuedJobs: number;
    /** absent: by the number of CPUs */
    readonly decodeThreads?: number;
  };
  readonly windows: {
    readonly sizeMs: number;
    readonly allowedLatenessMs: number;
    readonly idleTimeoutMs: number;
    readonly closeIntervalMs: number;
  };
  readonly failure: { readonly errorRatio: number; readonly minRequests: number; readonly errorLogCount: number };
  /** ascending, distinct, each a multiple of the window size */
  readonly horizonsMs: readonly number[];
  readonly primaryHorizonMs: number;
  readonly limits: {
    readonly maxServices: number;
    readonly maxErrorGroups: number;
    /** in one window of one service */
    readonly names: Readonly<NameBounds>;
    readonly serviceRetireAfterMs: number;
    readonly retentionMs: number;
  };
  readonly database: { readonly url?: Secret; readonly dataDir: string; readonly maxConnections: number };
  readonly redisUrl?: Secret;
  /** absent: only the rules that ship */
  readonly rulesFile?: string;
  readonly training: {
    readonly gate: { readonly minAccuracy: number; readonly maxCalibrationError: number };
    readonly minExamples: number;
    readonly seed: number;
    readonly epochs: number;
    readonly ensembleSize: number;
    readonly promotesTo: "champion" | "challenger" | "shadow";
    readonly feedbackTrigger: number;
    readonly onDrift: boolean;
    readonly coolDownMs: number;
  };
  readonly rollback: { readonly enabled: boolean; readonly confidence: number; readonly minFailures: number };
  readonly telemetry: {
    readonly otlpMetricsEndpoint?: string;
    readonly otlpTracesEndpoint?: string;
    readonly exportIntervalMs: number;
    readonly serviceName: string;
  };
  readonly risk: { readonly threshold: number };
  readonly log: { readonly level: string };
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** when set, clients need a certificate that one of these authorities signed */
  readonly clientCaFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @param env such as `process.env`; an empty value counts as unset
 *  @throws INVALID_CONFIG whose message and `details.problems` list every bad setting at once, without secret values */
export function loadConfig(env: Environment): Config {
  const { values, problems } = parseSettings(env);
  problems.push(...contradictions(values));
  if (problems.length > 0) {
    const count = problems.length === 1 ? "1 setting is" : `${problems.length} settings are`;
    throw new HarbingerError(
      "INVALID_CONFIG",
      `${count} wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
      {
        details: { problems },
      },
    );
  }
  return deepFreeze(assemble(values));
}

/** Names that look like ours but are read by nobody: most often a typing error. */
export function unknownSettings(env: Environment): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith("HARBINGER_") && !name.startsWith("HARBINGER_TEST_") && !(name in SETTINGS),
  );
}

function parseSettings(env: Environment): { values: SettingValues; problems: string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const given = env[name]?.trim() || setting.default;
    if (given === undefined) continue;
    const result = setting.schema.safeParse(given);
    if (result.success) values[name] = result.data;
    else problems.push(...new Set(result.error.issues.map((issue) => `${name} ${issue.message}`)));
  }
  // The loop runs over exactly the keys of SETTINGS, each with its own schema, which the index type cannot express.
  return { values: values as SettingValues, problems };
}

/** Rules over several settings. Each is judged when all of its parts are there, whatever else is wrong. */
function contradictions(values: SettingValues): string[] {
  const problems: string[] = [];
  const sizeMs = values.HARBINGER_WINDOW_SIZE;
  if (sizeMs !== undefined) {
    for (const horizonMs of values.HARBINGER_HORIZONS ?? []) {
      if (horizonMs % sizeMs === 0) continue;
      const [horizon, size] = [formatDuration(horizonMs), formatDuration(sizeMs)];
      problems.push(`HARBINGER_HORIZONS has ${horizon}, which is not a multiple of the window size ${size}`);
    }
    const primaryMs = values.HARBINGER_PRIMARY_HORIZON;
    if (primaryMs !== undefined && !horizons(values, sizeMs).includes(primaryMs)) {
      problems.push(`HARBINGER_PRIMARY_HORIZON ${formatDuration(primaryMs)} is not one of the horizons`);
    }
  }
  problems.push(...sharedPorts(values), ...incompleteTls(values));
  return problems;
}

function sharedPorts(values: SettingValues): string[] {
  const names = ["HARBINGER_HTTP_PORT", "HARBINGER_OTLP_HTTP_PORT", "HARBINGER_OTLP_GRPC_PORT"] as const;
  const owners = new Map<number, string>();
  const problems: string[] = [];
  for (const name of names) {
    const port = values[name];
    // 0 is a free one, which is never shared
    if (!port) continue;
    const owner = owners.get(port);
    if (owner !== undefined) problems.push(`${owner} and ${name} are both ${port}`);
    else owners.set(port, name);
  }
  return problems;
}

function incompleteTls(values: SettingValues): string[] {
  const given = TLS_SETTINGS.filter((name) => values[name] !== undefined);
  if (given.length === 0) return [];
  return TLS_PAIR.filter((name) => values[name] === undefined).map(
    (name) => `${name} is not set, but ${given.join(" and ")} is: TLS needs a certificate and its key`,
  );
}

const TLS_PAIR = ["HARBINGER_OTLP_TLS_CERT_FILE", "HARBINGER_OTLP_TLS_KEY_FILE"] as const;
const TLS_SETTINGS = [...TLS_PAIR, "HARBINGER_OTLP_TLS_CLIENT_CA_FILE"] as const;

function tlsFiles(values: SettingValues): TlsFiles | undefined {
  const [certFile, keyFile] = TLS_PAIR.map((name) => values[name]);
  if (certFile === undefined || keyFile === undefined) return undefined;
  const clientCaFile = values.HARBINGER_OTLP_TLS_CLIENT_CA_FILE;
  return { certFile, keyFile, ...(clientCaFile !== undefined && { clientCaFile }) };
}

function horizons(values: SettingValues, sizeMs: number): number[] {
  return [...(values.HARBINGER_HORIZONS ?? [5, 15, 30, 60].map((windows) => windows * sizeMs))].sort((a, b) => a - b);
}

function assemble(values: SettingValues): Config {
  const sizeMs = required(values.HARBINGER_WINDOW_SIZE);
  const horizonsMs = horizons(values, sizeMs);
  const metricsEndpoint = values.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? signalUrl(values, "v1/metrics");
  const tls = tlsFiles(values);
  const tracesEndpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? signalUrl(values, "v1/traces");

  return {
    roles: required(values.HARBINGER_ROLES),
    host: required(values.HARBINGER_HOST),
    http: { port: required(values.HARBINGER_HTTP_PORT) },
    api: { tokens: values.HARBINGER_API_TOKENS ?? [] },
    shutdownTimeoutMs: required(values.HARBINGER_SHUTDOWN_TIMEOUT),
    receiver: {
      httpPort: required(values.HARBINGER_OTLP_HTTP_PORT),
      ...(typeof values.HARBINGER_OTLP_GRPC_PORT === "number" && { grpcPort: values.HARBINGER_OTLP_GRPC_PORT }),
      ...(tls !== undefined && { tls }),
      maxConnections: required(values.HARBINGER_OTLP_MAX_CONNECTIONS),
      maxBodyBytes: required(values.HARBINGER_MAX_BODY_BYTES),
      ingestTokens: values.HARBINGER_INGEST_TOKENS ?? [],
      maxPastMs: required(values.HARBINGER_MAX_PAST),
      maxFutureMs: required(values.HARBINGER_MAX_FUTURE),
      maxInFlightBytes: required(values.HARBINGER_MAX_IN_FLIGHT_BYTES),
      maxQueuedJobs: required(values.HARBINGER_MAX_QUEUED_JOBS),
      ...(values.HARBINGER_DECODE_THREADS !== undefined && { decodeThreads: values.HARBINGER_DECODE_THREADS }),
    },
    windows: {
      sizeMs,
      allowedLatenessMs: values.HARBINGER_ALLOWED_LATENESS ?? Math.max(6 * SECOND, Math.round(sizeMs / 6)),
      idleTimeoutMs: values.HARBINGER_IDLE_TIMEOUT ?? Math.max(3 * SECOND, 2 * sizeMs),
      closeIntervalMs: values.HARBINGER_CLOSE_INTERVAL ?? Math.min(SECOND, Math.max(100, Math.round(sizeMs / 10))),
    },
    failure: {
      errorRatio: required(values.HARBINGER_FAILURE_ERROR_RATIO),
      minRequests: required(values.HARBINGER_FAILURE_MIN_REQUESTS),
      errorLogCount: required(values.HARBINGER_FAILURE_ERROR_LOGS),
    },
    horizonsMs,
    primaryHorizonMs: values.HARBINGER_PRIMARY_HORIZON ?? horizonsMs[1] ?? required(horizonsMs[0]),
    limits: {
      maxServices: required(values.HARBINGER_MAX_SERVICES),
      maxErrorGroups: required(values.HARBINGER_MAX_ERROR_GROUPS),
      names: {
        callees: required(values.HARBINGER_WINDOW_MAX_CALLEES),
        versions: required(values.HARBINGER_WINDOW_MAX_VERSIONS),
        instances: required(values.HARBINGER_WINDOW_MAX_INSTANCES),
        gauges: required(values.HARBINGER_WINDOW_MAX_GAUGES),
        fingerprints: required(values.HARBINGER_WINDOW_MAX_ERROR_GROUPS),
      },
      serviceRetireAfterMs: required(values.HARBINGER_SERVICE_RETIRE_AFTER),
      retentionMs: required(values.HARBINGER_RETENTION),
    },
    database: {
      ...(values.DATABASE_URL && { url: values.DATABASE_URL }),
      dataDir: required(values.HARBINGER_DATA_DIRECTORY),
      maxConnections: required(values.HARBINGER_DATABASE_CONNECTIONS),
    },
    ...(values.REDIS_URL && { redisUrl: values.REDIS_URL }),
    ...(values.HARBINGER_RULES_FILE !== undefined && { rulesFile: values.HARBINGER_RULES_FILE }),
    training: {
      gate: {
        minAccuracy: required(values.HARBINGER_GATE_MIN_ACCURACY),
        maxCalibrationError: required(values.HARBINGER_GATE_MAX_CALIBRATION_ERROR),
      },
      minExamples: required(values.HARBINGER_TRAINING_MIN_EXAMPLES),
      seed: required(values.HARBINGER_TRAINING_SEED),
      epochs: required(values.HARBINGER_TRAINING_EPOCHS),
      ensembleSize: required(values.HARBINGER_TRAINING_ENSEMBLE_SIZE),
      promotesTo: required(values.HARBINGER_GATE_PROMOTES_TO),
      feedbackTrigger: required(values.HARBINGER_TRAINING_FEEDBACK_TRIGGER),
      onDrift: required(values.HARBINGER_TRAINING_ON_DRIFT),
      coolDownMs: required(values.HARBINGER_TRAINING_COOL_DOWN),
    },
    rollback: {
      enabled: required(values.HARBINGER_ROLLBACK),
      confidence: required(values.HARBINGER_ROLLBACK_CONFIDENCE),
      minFailures: required(values.HARBINGER_ROLLBACK_MIN_FAILURES),
    },
    telemetry: {
      ...(metricsEndpoint !== undefined && { otlpMetricsEndpoint: metricsEndpoint }),
      ...(tracesEndpoint !== undefined && { otlpTracesEndpoint: tracesEndpoint }),
      exportIntervalMs: required(values.OTEL_METRIC_EXPORT_INTERVAL),
      serviceName: required(values.OTEL_SERVICE_NAME),
    },
    risk: { threshold: required(values.HARBINGER_RISK_THRESHOLD) },
    log: { level: required(values.HARBINGER_LOG_LEVEL) },
  };
}

function signalUrl(values: SettingValues, path: string): string | undefined {
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  return base === undefined ? undefined : `${base.replace(/\/+$/, "")}/${path}`;
}

/** For settings with a literal default, which therefore always have a value once parsing has succeeded. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new HarbingerError("BUG", "a setting with a default has no value");
  return value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
