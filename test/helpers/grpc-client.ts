/** Calls a gRPC server with the official client, message by message, and past it. */
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import protobuf from "protobufjs";
import type { Signal } from "../../models/telemetry/records.ts";
import { EXPORT_SERVICES } from "../../services/receiver/grpc/export-calls.ts";

export interface GrpcAnswer {
  /** 0 is OK */
  code: number;
  message: string;
  /** of an answer that is OK */
  body: Buffer | null;
  metadata: Metadata;
}

export interface GrpcCallOptions {
  compression?: "none" | "gzip" | "deflate";
  headers?: Record<string, string>;
  credentials?: ChannelCredentials;
  channel?: ChannelOptions;
}

const asIs = (bytes: Buffer): Buffer => bytes;

const COMPRESSIONS = {
  none: compressionAlgorithms.identity,
  deflate: compressionAlgorithms.deflate,
  gzip: compressionAlgorithms.gzip,
};

export const exportPath = (signal: Signal): string => `/${EXPORT_SERVICES[signal]}/Export`;

/** One call on a connection of its own. Never rejects. */
export async function callGrpc(
  port: number,
  path: string,
  message: Uint8Array,
  options: GrpcCallOptions = {},
): Promise<GrpcAnswer> {
  const client = new Client(`127.0.0.1:${port}`, options.credentials ?? credentials.createInsecure(), {
    "grpc.default_compression_algorithm": COMPRESSIONS[options.compression ?? "none"],
    "grpc.max_send_message_length": -1,
    "grpc.enable_retries": 0,
    "grpc.use_local_subchannel_pool": 1,
    ...options.channel,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  try {
    return await new Promise<GrpcAnswer>((resolve) => {
      const answered = (error: ServiceError | null, body?: Buffer) => {
        if (error === null) resolve({ code: 0, message: "", body: body ?? null, metadata });
        else resolve({ code: error.code, message: error.details, body: null, metadata: error.metadata });
      };
      const deadline = Date.now() + 20_000;
      client.makeUnaryRequest(path, asIs, asIs, Buffer.from(message), metadata, { deadline }, answered);
    });
  } finally {
    client.close();
  }
}

const root = protobuf.Root.fromJSON({
  nested: {
    Status: {
      fields: {
        code: { id: 1, type: "int32" },
        message: { id: 2, type: "string" },
        details: { id: 3, type: "Any", rule: "repeated" },
      },
    },
    Any: { fields: { type_url: { id: 1, type: "string" }, value: { id: 2, type: "bytes" } } },
    RetryInfo: { fields: { retryDelay: { id: 1, type: "Duration" } } },
    Duration: { fields: { seconds: { id: 1, type: "int64" }, nanos: { id: 2, type: "int32" } } },
  },
});

/** What `grpc-status-details-bin` says, decoded in full; null when it is not there. */
export function statusDetails({ metadata }: GrpcAnswer): unknown {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) return null;
  const status = root.lookupType("Status").toObject(root.lookupType("Status").decode(bytes), { bytes: Buffer });
  return {
    ...status,
    details: status.details?.map((any: { type_url: string; value: Buffer }) => ({
      type: any.type_url,
      ...root.lookupType("RetryInfo").toObject(root.lookupType("RetryInfo").decode(any.value), { longs: Number }),
    })),
  };
}

export interface RawGrpcAnswer {
  headers: IncomingHttpHeaders;
  /** of an answer with a message; those of an answer without one stand in its headers */
  trailers: IncomingHttpHeaders;
  body: Buffer;
}

/** One call by node:http2, which lets headers and frames be as wrong as a test wants. Rejects when the connection breaks. */
export function callRaw(
  origin: string,
  path: string,
  { headers = {}, body }: { headers?: OutgoingHttpHeaders; body: Uint8Array },
): Promise<RawGrpcAnswer> {
  const session = connect(origin);
  return new Promise<RawGrpcAnswer>((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    const answer: RawGrpcAnswer = { headers: {}, trailers: {}, body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    stream.on("response", (received) => {
      answer.headers = received;
    });
    stream.on("trailers", (received) => {
      answer.trailers = received;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => resolve({ ...answer, body: Buffer.concat(chunks) }));
    // a GET has ended already
    if (!stream.writableEnded) stream.end(body);
  }).finally(() => session.close());
}

/** A message as it stands in a call's body. */
export function grpcFrame(message: Uint8Array, flag = 0): Buffer {
  const head = Buffer.from([flag, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export const grpcStatusOf = ({ headers, trailers }: RawGrpcAnswer): number =>
  Number(trailers["grpc-status"] ?? headers["grpc-status"]);
