/** The Collector's documented settings, as far as our files use its components: name, type, and where it says so. Read at
 *  v0.159.0 of opentelemetry-collector and the contrib READMEs of that time; written down by hand, in our own words. */

export type SettingType =
  | "text"
  | "flag"
  | "whole number"
  | "number"
  | "duration"
  /** the id of an extension */
  | "extension"
  /** text to text, as headers */
  | "texts by name"
  | { oneOf: readonly (string | number)[] }
  | { listOf: SettingType }
  | Settings;

export interface Settings {
  documentedAt: string;
  settings: Readonly<Record<string, SettingType>>;
}

export type ComponentKind = "receivers" | "processors" | "exporters" | "extensions";

const CORE = "https://github.com/open-telemetry/opentelemetry-collector/blob/v0.159.0";
const CONTRIB = "https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/main";

const tlsShared: Record<string, SettingType> = {
  ca_file: "text",
  ca_pem: "text",
  cert_file: "text",
  cert_pem: "text",
  key_file: "text",
  key_pem: "text",
  include_system_ca_certs_pool: "flag",
  min_version: { oneOf: ["1.0", "1.1", "1.2", "1.3"] },
  max_version: { oneOf: ["1.0", "1.1", "1.2", "1.3"] },
  cipher_suites: { listOf: "text" },
  curve_preferences: { listOf: { oneOf: ["X25519", "P521", "P256", "P384"] } },
  reload_interval: "duration",
};
const clientTls: Settings = {
  documentedAt: `${CORE}/config/configtls/README.md#client-configuration`,
  settings: { ...tlsShared, insecure: "flag", insecure_skip_verify: "flag", server_name_override: "text" },
};
const serverTls: Settings = {
  documentedAt: `${CORE}/config/configtls/README.md#server-configuration`,
  settings: { ...tlsShared, client_ca_file: "text", client_ca_file_reload: "flag" },
};
const auth: Settings = {
  documentedAt: `${CORE}/config/configauth/README.md`,
  settings: { authenticator: "extension" },
};
const serverAuth: Settings = {
  documentedAt: `${CORE}/config/confighttp/README.md#server-configuration`,
  settings: { ...auth.settings, request_params: { listOf: "text" } },
};
const middlewares: SettingType = {
  listOf: { documentedAt: `${CORE}/config/configmiddleware/README.md`, settings: { id: "extension" } },
};

const httpClient: Record<string, SettingType> = {
  endpoint: "text",
  proxy_url: "text",
  tls: clientTls,
  headers: "texts by name",
  auth,
  middlewares,
  timeout: "duration",
  read_buffer_size: "whole number",
  write_buffer_size: "whole number",
  compression: { oneOf: ["gzip", "zstd", "snappy", "zlib", "deflate", "lz4", "none"] },
  compression_params: {
    documentedAt: `${CORE}/config/confighttp/README.md#client-configuration`,
    settings: { level: "whole number" },
  },
  max_idle_conns: "whole number",
  max_idle_conns_per_host: "whole number",
  max_conns_per_host: "whole number",
  idle_conn_timeout: "duration",
  disable_keep_alives: "flag",
  force_attempt_http2: "flag",
  http2_read_idle_timeout: "duration",
  http2_ping_timeout: "duration",
};
const httpServer: Record<string, SettingType> = {
  endpoint: "text",
  transport: "text",
  tls: serverTls,
  auth: serverAuth,
  middlewares,
  max_request_body_size: "whole number",
  include_metadata: "flag",
  compression_algorithms: { listOf: "text" },
  read_timeout: "duration",
  read_header_timeout: "duration",
  write_timeout: "duration",
  idle_timeout: "duration",
  keep_alives_enabled: "flag",
  cors: {
    documentedAt: `${CORE}/config/confighttp/README.md#server-configuration`,
    settings: {
      allowed_origins: { listOf: "text" },
      allowed_headers: { listOf: "text" },
      exposed_headers: { listOf: "text" },
      max_age: "whole number",
    },
  },
};
const grpcKeepalive: Record<string, SettingType> = {
  time: "duration",
  timeout: "duration",
  permit_without_stream: "flag",
};
const grpcReadme = `${CORE}/config/configgrpc/README.md`;
const grpcClient: Record<string, SettingType> = {
  endpoint: "text",
  tls: clientTls,
  headers: "texts by name",
  auth,
  middlewares,
  compression: { oneOf: ["gzip", "snappy", "zstd", "none"] },
  balancer_name: { oneOf: ["round_robin", "pick_first"] },
  keepalive: { documentedAt: `${grpcReadme}#client-configuration`, settings: grpcKeepalive },
  read_buffer_size: "whole number",
  write_buffer_size: "whole number",
};
const grpcServer: Settings = {
  documentedAt: `${grpcReadme}#server-configuration`,
  settings: {
    endpoint: "text",
    transport: "text",
    tls: serverTls,
    auth,
    middlewares,
    max_recv_msg_size_mib: "whole number",
    max_concurrent_streams: "whole number",
    read_buffer_size: "whole number",
    write_buffer_size: "whole number",
    keepalive: {
      documentedAt: `${grpcReadme}#server-configuration`,
      settings: {
        enforcement_policy: {
          documentedAt: `${grpcReadme}#server-configuration`,
          settings: { min_time: "duration", permit_without_stream: "flag" },
        },
        server_parameters: {
          documentedAt: `${grpcReadme}#server-configuration`,
          settings: {
            max_connection_age: "duration",
            max_connection_age_grace: "duration",
            max_connection_idle: "duration",
            time: "duration",
            timeout: "duration",
          },
        },
      },
    },
  },
};

const helperReadme = `${CORE}/exporter/exporterhelper/README.md`;
const exporterHelper: Record<string, SettingType> = {
  retry_on_failure: {
    documentedAt: `${helperReadme}#retry-on-failure`,
    settings: {
      enabled: "flag",
      initial_interval: "duration",
      max_interval: "duration",
      max_elapsed_time: "duration",
      multiplier: "number",
    },
  },
  sending_queue: {
    documentedAt: `${helperReadme}#sending-queue`,
    settings: {
      enabled: "flag",
      num_consumers: "whole number",
      wait_for_result: "flag",
      block_on_overflow: "flag",
      sizer: { oneOf: ["requests", "items", "bytes"] },
      queue_size: "whole number",
      storage: "extension",
      batch: {
        documentedAt: `${helperReadme}#sending-queue-batch-settings`,
        settings: {
          flush_timeout: "duration",
          min_size: "whole number",
          max_size: "whole number",
          sizer: { oneOf: ["items", "bytes"] },
          partition: {
            documentedAt: `${helperReadme}#sending-queue-batch-settings`,
            settings: { metadata_keys: { listOf: "text" } },
          },
        },
      },
    },
  },
};

/** By the type that stands before the slash of a component's id. */
export const COMPONENTS: Readonly<Record<ComponentKind, Readonly<Record<string, Settings>>>> = {
  receivers: {
    otlp: {
      documentedAt: `${CORE}/receiver/otlpreceiver/README.md`,
      settings: {
        protocols: {
          documentedAt: `${CORE}/receiver/otlpreceiver/README.md#getting-started`,
          settings: {
            grpc: grpcServer,
            http: {
              documentedAt: `${CORE}/receiver/otlpreceiver/README.md#writing-with-httpjson`,
              settings: { ...httpServer, traces_url_path: "text", metrics_url_path: "text", logs_url_path: "text" },
            },
          },
        },
      },
    },
  },
  processors: {
    memory_limiter: {
      documentedAt: `${CORE}/processor/memorylimiterprocessor/README.md#configuration`,
      settings: {
        check_interval: "duration",
        limit_mib: "whole number",
        spike_limit_mib: "whole number",
        limit_percentage: "whole number",
        spike_limit_percentage: "whole number",
        max_gc_interval_when_soft_limited: "duration",
        max_gc_interval_when_hard_limited: "duration",
      },
    },
    batch: {
      documentedAt: `${CORE}/processor/batchprocessor/README.md`,
      settings: {
        send_batch_size: "whole number",
        send_batch_max_size: "whole number",
        timeout: "duration",
        metadata_keys: { listOf: "text" },
        metadata_cardinality_limit: "whole number",
      },
    },
    resource_detection: {
      documentedAt: `${CONTRIB}/processor/resourcedetectionprocessor/README.md`,
      settings: {
        detectors: { listOf: { oneOf: ["env", "system", "docker", "gcp", "ec2", "ecs", "eks", "azure", "aks"] } },
        timeout: "duration",
        override: "flag",
      },
    },
  },
  exporters: {
    otlp_http: {
      documentedAt: `${CORE}/exporter/otlphttpexporter/README.md`,
      settings: {
        ...httpClient,
        ...exporterHelper,
        traces_endpoint: "text",
        metrics_endpoint: "text",
        logs_endpoint: "text",
        encoding: { oneOf: ["proto", "json"] },
      },
    },
    otlp_grpc: {
      documentedAt: `${CORE}/exporter/otlpexporter/README.md`,
      settings: { ...grpcClient, ...exporterHelper, timeout: "duration" },
    },
    file: {
      documentedAt: `${CONTRIB}/exporter/fileexporter/README.md`,
      settings: {
        path: "text",
        format: { oneOf: ["json", "proto"] },
        compression: { oneOf: ["zstd"] },
        flush_interval: "duration",
        rotation: {
          documentedAt: `${CONTRIB}/exporter/fileexporter/README.md#file-rotation`,
          settings: {
            max_megabytes: "whole number",
            max_days: "whole number",
            max_backups: "whole number",
            localtime: "flag",
          },
        },
      },
    },
  },
  extensions: {
    health_check: {
      documentedAt: `${CONTRIB}/extension/healthcheckextension/README.md`,
      settings: { ...httpServer, path: "text", response_body: "text" },
    },
    bearertokenauth: {
      documentedAt: `${CONTRIB}/extension/bearertokenauthextension/README.md#configuration`,
      settings: { scheme: "text", token: "text", filename: "text" },
    },
    file_storage: {
      documentedAt: `${CONTRIB}/extension/storage/filestorage/README.md`,
      settings: {
        directory: "text",
        timeout: "duration",
        fsync: "flag",
        create_directory: "flag",
        directory_permissions: "text",
        compaction: {
          documentedAt: `${CONTRIB}/extension/storage/filestorage/README.md#compaction`,
          settings: {
            on_start: "flag",
            on_rebound: "flag",
            directory: "text",
            max_transaction_size: "whole number",
            cleanup_on_start: "flag",
            rebound_needed_threshold_mib: "whole number",
            rebound_trigger_threshold_mib: "whole number",
            check_interval: "duration",
          },
        },
      },
    },
  },
};
