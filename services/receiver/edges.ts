/** Opens both ports of the receiver and closes them together. */
import type { Config } from "../platform/config/config.ts";
import { type HttpServer, startHttpServer } from "../platform/http/http-server.ts";
import type { TlsSource } from "../platform/http/tls.ts";
import type { Logger } from "../platform/logger.ts";
import type { EdgeDependencies } from "./edge.ts";
import { createExportMethods, EXPORT_SERVICES } from "./grpc/export-calls.ts";
import { type GrpcServer, startGrpcServer } from "./grpc/grpc-server.ts";
import { createHealth } from "./grpc/health.ts";
import { createExportHandler } from "./http/export-handler.ts";

export interface Edges {
  http: HttpServer;
  /** null when it is switched off */
  grpc: GrpcServer | null;
  /** in words */
  detail: string;
  /** Takes in nothing new and lets what is in flight finish. */
  stop(): Promise<void>;
}

const TLS_SETTINGS: TlsSource["settings"] = {
  certFile: "HARBINGER_OTLP_TLS_CERT_FILE",
  keyFile: "HARBINGER_OTLP_TLS_KEY_FILE",
  clientCaFile: "HARBINGER_OTLP_TLS_CLIENT_CA_FILE",
};

/** @throws CONFLICT when a port is taken, INVALID_CONFIG when TLS cannot be set up; nothing listens then */
export async function startEdges(
  edge: EdgeDependencies,
  { host, receiver }: Pick<Config, "host" | "receiver">,
  logger: Logger,
): Promise<Edges> {
  const common = {
    host,
    maxConnections: receiver.maxConnections,
    ...(receiver.tls !== undefined && { tls: { files: receiver.tls, settings: TLS_SETTINGS, logger } }),
  };
  const http = await startHttpServer(createExportHandler(edge), {
    ...common,
    port: receiver.httpPort,
    portSetting: "HARBINGER_OTLP_HTTP_PORT",
  });
  logger.info({ url: http.url }, "receiving OTLP over HTTP");
  if (receiver.grpcPort === undefined) {
    return { http, grpc: null, detail: `OTLP/HTTP on port ${http.port}`, stop: () => http.stop() };
  }

  const health = createHealth(Object.values(EXPORT_SERVICES));
  const methods = new Map([...createExportMethods(edge), ...health.methods]);
  let grpc: GrpcServer;
  try {
    grpc = await startGrpcServer(methods, {
      ...common,
      port: receiver.grpcPort,
      portSetting: "HARBINGER_OTLP_GRPC_PORT",
      logger,
    });
  } catch (error) {
    await http.stop(0);
    throw error;
  }
  logger.info({ url: grpc.url }, "receiving OTLP over gRPC");
  return {
    http,
    grpc,
    detail: `OTLP/HTTP on port ${http.port}, OTLP/gRPC on port ${grpc.port}`,
    stop: async () => {
      health.drain();
      await Promise.all([http.stop(), grpc.stop()]);
    },
  };
}
