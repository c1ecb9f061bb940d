/** Every setting Harbinger reads: its name, how its text is parsed, its default and what it means. `loadConfig` parses by this
 *  table and docs/configuration.md is rendered from it, so neither can forget a setting. */
import { z } from "zod";
import {
  byteSize,
  csv,
  DAY,
  duration,
  GIB,
  HOUR,
  integer,
  KIB,
  MINUTE,
  onOrOff,
  port,
  portOrOff,
  ratio,
  SECOND,
  secret,
  text,
  url,
} from "./parsers.ts";

const ROLES = ["receiver", "features", "inference", "training", "lifecycle"] as const;
export type Role = (typeof ROLES)[number];

export interface Setting<T> {
  section: string;
  schema: z.ZodType<T, string>;
  /** the default as one would write it in the environment; absent when derived or truly optional */
  default?: string;
  /** what an absent value means, for settings without a literal default */
  whenUnset?: string;
  description: string;
}

const setting = <T>(
  section: string,
  schema: z.ZodType<T, string>,
  presence: { default: string } | { whenUnset: string },
  description: string,
): Setting<T> => ({ section, schema, ...presence, description });

/** Every name is written again with each merge into the window. */
const windowNames = () => integer({ min: 1, max: 10_000 });

const GENERAL = "Program";
const RECEIVER = "Receiver";
const TIME = "Time and windows";
const FAILURE = "What counts as a failure";
const LIMITS = "Limits";
const STORAGE = "Storage";
const CLASSIFICATION = "Classification";
const TRAINING = "Training and the gate";
const LIFECYCLE = "Models while they serve";
const OBSERVE = "Self-telemetry and logs";

export const SETTINGS = {
  HARBINGER_ROLES: setting(
    GENERAL,
    csv(z.enum(ROLES, { error: `has a role that is not one of ${ROLES.join(", ")}` })).refine(
      (roles) => roles.length > 0,
      {
        error: "names no role",
      },
    ),
    { default: ROLES.join(",") },
    "Roles this process plays, comma-separated.",
  ),
  HARBINGER_HOST: setting(
    GENERAL,
    text(),
    { default: "127.0.0.1" },
    "Address that the API and the receiver listen on.",
  ),
  HARBINGER_HTTP_PORT: setting(GENERAL, port(), { default: "8080" }, "Port of the HTTP API; 0 takes a free one."),
  HARBINGER_API_TOKENS: setting(
    GENERAL,
    csv(secret()),
    { whenUnset: "the API is open" },
    "Bearer tokens that the API accepts, comma-separated.",
  ),
  HARBINGER_SHUTDOWN_TIMEOUT: setting(
    GENERAL,
    duration({ min: SECOND, max: HOUR }),
    { default: "25s" },
    "How long a stopping process may drain before it exits anyway.",
  ),

  HARBINGER_OTLP_HTTP_PORT: setting(
    RECEIVER,
    port(),
    { default: "4318" },
    "Port of the OTLP/HTTP receiver; 0 takes a free one.",
  ),
  HARBINGER_OTLP_GRPC_PORT: setting(
    RECEIVER,
    portOrOff(),
    { default: "4317" },
    "Port of the OTLP/gRPC receiver; 0 takes a free one, `off` does without.",
  ),
  HARBINGER_OTLP_TLS_CERT_FILE: setting(
    RECEIVER,
    text(),
    { whenUnset: "no TLS" },
    "PEM file with the receiver's certificate and its chain, for both ports. A renewed file is taken up within a minute.",
  ),
  HARBINGER_OTLP_TLS_KEY_FILE: setting(RECEIVER, text(), { whenUnset: "no TLS" }, "PEM file with its private key."),
  HARBINGER_OTLP_TLS_CLIENT_CA_FILE: setting(
    RECEIVER,
    text(),
    { whenUnset: "clients need no certificate" },
    "PEM file with the authorities whose client certificates are accepted; when set, every client needs one (mTLS).",
  ),
  HARBINGER_OTLP_MAX_CONNECTIONS: setting(
    RECEIVER,
    integer({ min: 1, max: 1_000_000 }),
    { default: "10000" },
    "Connections that each of the receiver's ports holds at once; one more is closed.",
  ),
  HARBINGER_INGEST_TOKENS: setting(
    RECEIVER,
    csv(secret()),
    { whenUnset: "the receiver is open" },
    "Bearer tokens that the receiver accepts, comma-separated.",
  ),
  HARBINGER_MAX_BODY_BYTES: setting(
    RECEIVER,
    byteSize({ min: KIB, max: GIB }),
    { default: "64MiB" },
    "Largest OTLP request, after decompression.",
  ),
  HARBINGER_MAX_IN_FLIGHT_BYTES: setting(
    RECEIVER,
    byteSize({ min: KIB, max: 64 * GIB }),
    { default: "256MiB" },
    "Request bytes, as they arrive, held in memory at once; beyond it senders are told to come back later.",
  ),
  HARBINGER_MAX_QUEUED_JOBS: setting(
    RECEIVER,
    integer({ min: 1 }),
    { default: "10000" },
    "Telemetry jobs that may wait to be merged; beyond it senders are told to come back later.",
  ),
  HARBINGER_DECODE_THREADS: setting(
    RECEIVER,
    integer({ min: 0, max: 64 }),
    { whenUnset: "one fewer than the CPUs, from 1 to 4" },
    "Threads that inflate and decode requests; 0 does it on the event loop.",
  ),
  HARBINGER_MAX_PAST: setting(
    RECEIVER,
    duration({ min: MINUTE }),
    { default: "90d" },
    "Records older than this are rejected.",
  ),
  HARBINGER_MAX_FUTURE: setting(
    RECEIVER,
    duration({ min: SECOND }),
    { default: "10m" },
    "Records further in the future than this are rejected.",
  ),

  HARBINGER_WINDOW_SIZE: setting(
    TIME,
    duration({ min: SECOND, max: HOUR }),
    { default: "60s" },
    "Size of a window of event time. Pinned by the first start on a database.",
  ),
  HARBINGER_ALLOWED_LATENESS: setting(
    TIME,
    duration({ max: DAY }),
    { whenUnset: "a sixth of the window size, at least 6s" },
    "How long a window waits for records that arrive out of order. SDKs send spans every 5s unless told otherwise.",
  ),
  HARBINGER_IDLE_TIMEOUT: setting(
    TIME,
    duration({ min: SECOND, max: DAY }),
    { whenUnset: "twice the window size, at least 3s" },
    "When nothing arrives for this long, windows close by the wall clock.",
  ),
  HARBINGER_CLOSE_INTERVAL: setting(
    TIME,
    duration({ min: 50, max: MINUTE }),
    { whenUnset: "a tenth of the window size, between 100ms and 1s" },
    "How often the closer looks for windows that are complete.",
  ),
  HARBINGER_HORIZONS: setting(
    TIME,
    csv(duration({ min: SECOND, max: 7 * DAY })).refine((all) => all.length > 0 && all.length <= 8, {
      error: "must name one to eight horizons",
    }),
    { whenUnset: "5, 15, 30 and 60 windows" },
    "How far ahead failures are predicted, comma-separated; multiples of the window size.",
  ),
  HARBINGER_PRIMARY_HORIZON: setting(
    TIME,
    duration({ min: SECOND }),
    { whenUnset: "the second horizon, or the only one" },
    "The horizon that the gate judges and that lists are ordered by.",
  ),

  HARBINGER_FAILURE_ERROR_RATIO: setting(
    FAILURE,
    ratio(),
    { default: "0.5" },
    "A window fails at this share of failed requests…",
  ),
  HARBINGER_FAILURE_MIN_REQUESTS: setting(
    FAILURE,
    integer({ min: 1 }),
    { default: "5" },
    "…given at least this many requests,",
  ),
  HARBINGER_FAILURE_ERROR_LOGS: setting(FAILURE, integer({ min: 1 }), { default: "20" }, "or at this many error logs."),
  HARBINGER_RISK_THRESHOLD: setting(
    FAILURE,
    ratio().refine((value) => value < 1, { error: "must be below 1" }),
    { default: "0.5" },
    "Probability from which a risk is called high; explanations say what would bring it below.",
  ),

  HARBINGER_MAX_SERVICES: setting(
    LIMITS,
    integer({ min: 1, max: 1_000_000 }),
    { default: "10000" },
    "Services told apart; later names are counted together under `_OTHER`.",
  ),
  HARBINGER_MAX_ERROR_GROUPS: setting(
    LIMITS,
    integer({ min: 1, max: 1_000_000 }),
    { default: "10000" },
    "Error groups told apart; errors of later ones are counted together under `_OTHER` until retention makes room.",
  ),
  HARBINGER_WINDOW_MAX_CALLEES: setting(
    LIMITS,
    windowNames(),
    { default: "64" },
    "Dependencies that a window of one service tells apart; calls to others are counted under `_OTHER`. The same for receivers and workers, as the four below.",
  ),
  HARBINGER_WINDOW_MAX_VERSIONS: setting(
    LIMITS,
    windowNames(),
    { default: "16" },
    "Versions of a service in one window; records of others are counted under `_OTHER`.",
  ),
  HARBINGER_WINDOW_MAX_INSTANCES: setting(
    LIMITS,
    windowNames(),
    { default: "128" },
    "Instances of a service in one window; records of others are counted under `_OTHER`.",
  ),
  HARBINGER_WINDOW_MAX_GAUGES: setting(
    LIMITS,
    windowNames(),
    { default: "64" },
    "Saturation and usage gauges of a service in one window; of others only the count is kept, under `_OTHER`.",
  ),
  HARBINGER_WINDOW_MAX_ERROR_GROUPS: setting(
    LIMITS,
    windowNames(),
    { default: "256" },
    "Error groups of a service in one window; errors of others are counted under `_OTHER`.",
  ),
  HARBINGER_SERVICE_RETIRE_AFTER: setting(
    LIMITS,
    duration({ min: MINUTE }),
    { default: "24h" },
    "A service silent for this long is retired: no more empty windows.",
  ),
  HARBINGER_RETENTION: setting(
    LIMITS,
    duration({ min: HOUR }),
    { default: "35d" },
    "Windows, vectors and predictions older than this are deleted.",
  ),

  DATABASE_URL: setting(
    STORAGE,
    secret(url(["postgres:", "postgresql:"])),
    { whenUnset: "an embedded PostgreSQL in the data folder" },
    "PostgreSQL 14 or newer, `postgres://user:password@host:5432/name`.",
  ),
  HARBINGER_DATA_DIRECTORY: setting(STORAGE, text(), { default: ".harbinger" }, "Folder of the embedded PostgreSQL."),
  HARBINGER_DATABASE_CONNECTIONS: setting(
    STORAGE,
    integer({ min: 4, max: 200 }),
    { default: "12" },
    "Largest number of database connections of this process for queries; the queue on PostgreSQL takes as many again, the thread of the features role up to 7 more.",
  ),
  REDIS_URL: setting(
    STORAGE,
    secret(url(["redis:", "rediss:"])),
    { whenUnset: "the queue lives in PostgreSQL" },
    "Redis that carries the queues. Turn its append-only file on, or acknowledged telemetry can be lost.",
  ),

  HARBINGER_RULES_FILE: setting(
    CLASSIFICATION,
    text(),
    { whenUnset: "only the rules that ship" },
    "YAML or JSON file of your own classification rules, which outrank those that ship; see docs/guides/rules.md.",
  ),

  HARBINGER_GATE_MIN_ACCURACY: setting(
    TRAINING,
    ratio(),
    { default: "0.85" },
    "A candidate's accuracy on later data must be strictly above this.",
  ),
  HARBINGER_GATE_MAX_CALIBRATION_ERROR: setting(
    TRAINING,
    ratio(),
    { default: "0.05" },
    "And its calibration error at most this.",
  ),
  HARBINGER_TRAINING_MIN_EXAMPLES: setting(
    TRAINING,
    integer({ min: 10 }),
    { default: "200" },
    "Fewer examples than this are not trained on.",
  ),
  HARBINGER_TRAINING_EPOCHS: setting(
    TRAINING,
    integer({ min: 1, max: 1000 }),
    { default: "30" },
    "Most passes over the examples; fitting stops early when nothing improves.",
  ),
  HARBINGER_TRAINING_ENSEMBLE_SIZE: setting(
    TRAINING,
    integer({ min: 1, max: 16 }),
    { default: "3" },
    "Networks per model; their spread is part of the confidence.",
  ),
  HARBINGER_TRAINING_SEED: setting(
    TRAINING,
    integer({ min: 0 }),
    { default: "1" },
    "Same seed, same data, same weights.",
  ),
  HARBINGER_GATE_PROMOTES_TO: setting(
    TRAINING,
    z.enum(["champion", "challenger", "shadow"], { error: "is not champion, challenger or shadow" }),
    { default: "champion" },
    "Where a version that passes the gate goes. `shadow` and `challenger` only score beside the champion until an operator promotes them; the first version of all always becomes champion.",
  ),
  HARBINGER_TRAINING_FEEDBACK_TRIGGER: setting(
    TRAINING,
    integer({ min: 0 }),
    { default: "25" },
    "New labels from operators that start a training job; 0 never does.",
  ),
  HARBINGER_TRAINING_ON_DRIFT: setting(
    TRAINING,
    onOrOff(),
    { default: "on" },
    "Whether drift, or a champion that was rolled back, starts a training job.",
  ),
  HARBINGER_TRAINING_COOL_DOWN: setting(
    TRAINING,
    duration({ max: 90 * DAY }),
    { default: "1h" },
    "Least time between two jobs of one model that drift or feedback starts.",
  ),

  HARBINGER_ROLLBACK: setting(
    LIFECYCLE,
    onOrOff(),
    { default: "on" },
    "Whether a champion that predicts worse than the base rate is taken back by itself.",
  ),
  HARBINGER_ROLLBACK_CONFIDENCE: setting(
    LIFECYCLE,
    ratio().refine((value) => value < 1, { error: "must be below 1" }),
    { default: "0.95" },
    "How sure it must be: one minus the chance that a champion which is no worse is ever taken back. Also the confidence of shadow verdicts.",
  ),
  HARBINGER_ROLLBACK_MIN_FAILURES: setting(
    LIFECYCLE,
    integer({ min: 0 }),
    { default: "5" },
    "Failures that must have begun while the champion served before it can be taken back.",
  ),

  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    OBSERVE,
    url(["http:", "https:"]),
    { whenUnset: "nothing is exported" },
    "OTLP/HTTP endpoint for Harbinger's own telemetry and risk metrics; `/v1/metrics` and `/v1/traces` are appended.",
  ),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: setting(
    OBSERVE,
    url(["http:", "https:"]),
    { whenUnset: "derived from OTEL_EXPORTER_OTLP_ENDPOINT" },
    "The same for metrics only, used as it is.",
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting(
    OBSERVE,
    url(["http:", "https:"]),
    { whenUnset: "derived from OTEL_EXPORTER_OTLP_ENDPOINT" },
    "The same for traces only, used as it is.",
  ),
  OTEL_METRIC_EXPORT_INTERVAL: setting(
    OBSERVE,
    integer({ min: 100 }),
    { default: "60000" },
    "Milliseconds between metric exports.",
  ),
  OTEL_SERVICE_NAME: setting(OBSERVE, text(), { default: "harbinger" }, "`service.name` of Harbinger's own telemetry."),
  HARBINGER_LOG_LEVEL: setting(
    OBSERVE,
    z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], { error: "is not a log level of pino" }),
    { default: "info" },
    "Least severe log line that is written.",
  ),
} satisfies Record<string, Setting<unknown>>;

type SettingName = keyof typeof SETTINGS;

/** What parsing yields; undefined where a setting was absent without a default, or wrong. */
export type SettingValues = {
  [Name in SettingName]?: z.output<(typeof SETTINGS)[Name]["schema"]>;
};
