/** How gRPC answers over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): always HTTP 200, a message as a frame of
 *  its own, the status in trailers. An answer without a message is trailers only.
 *
 *      frame = compressed flag (1 byte) · length (4 bytes, big-endian) · message */
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { RPC_CODE } from "../../../models/telemetry/export-response.ts";
import { SUPPORTED_COMPRESSIONS } from "../intake/inflate.ts";
import { encodeStatusDetails } from "./status-details.ts";

export const GRPC_OK = 0;
export const GRPC_CANCELLED = 1;
export const FRAME_HEAD_BYTES = 5;

export interface GrpcStatus {
  /** not GRPC_OK */
  code: number;
  message: string;
  /** tells the sender to come back after so long */
  retryAfterSeconds?: number;
}

export const UNKNOWN_METHOD: GrpcStatus = { code: RPC_CODE.unimplemented, message: "there is no such method here" };

const HEADERS: OutgoingHttpHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": SUPPORTED_COMPRESSIONS.join(","),
};

export function answerMessage(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (isGone(stream)) return;
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": GRPC_OK }));
  stream.end(frameOf(message));
}

export function answerStatus(stream: ServerHttp2Stream, status: GrpcStatus): void {
  if (isGone(stream)) return;
  stream.respond({ ...HEADERS, ...statusHeaders(status) }, { endStream: true });
  stopSender(stream);
}

/** For what is not gRPC at all. */
export function answerHttp(stream: ServerHttp2Stream, httpStatus: number): void {
  if (isGone(stream)) return;
  stream.respond({ ":status": httpStatus }, { endStream: true });
  stopSender(stream);
}

export interface MessageStream {
  write(message: Uint8Array): void;
  end(status: GrpcStatus): void;
}

export function startMessageStream(stream: ServerHttp2Stream): MessageStream {
  let status: GrpcStatus | null = null;
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.once("wantTrailers", () =>
    stream.sendTrailers(status === null ? { "grpc-status": GRPC_OK } : statusHeaders(status)),
  );
  return {
    write: (message) => {
      if (!stream.destroyed && !stream.writableEnded) stream.write(frameOf(message));
    },
    end: (last) => {
      status = last;
      if (!stream.destroyed && !stream.writableEnded) stream.end();
    },
  };
}

function statusHeaders({ code, message, retryAfterSeconds }: GrpcStatus): OutgoingHttpHeaders {
  return {
    "grpc-status": code,
    "grpc-message": percentEncode(message),
    ...(retryAfterSeconds !== undefined && {
      "grpc-status-details-bin": Buffer.from(encodeStatusDetails(code, message, retryAfterSeconds)).toString("base64"),
    }),
  };
}

/** The answer is complete, the request need not be: what still comes is thrown away, and the sender is told that it may stop, which is
 *  not an error (RFC 9113, section 8.1). */
function stopSender(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed || stream.headersSent;
}

function frameOf(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_HEAD_BYTES);
  return frame;
}

/** Everything outside printable ASCII, and the percent sign itself. */
function percentEncode(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
