/** Reads the one message of a unary call. */
import type { Readable } from "node:stream";
import { HarbingerError } from "../../platform/errors.ts";
import { type BodyBounds, readBody } from "../intake/read-body.ts";
import { FRAME_HEAD_BYTES } from "./grpc-answer.ts";

export interface GrpcMessage {
  /** by the call's grpc-encoding */
  isCompressed: boolean;
  bytes: Uint8Array;
}

/** @param bounds what the message holds of the budget is the caller's to give back: FRAME_HEAD_BYTES and its length, or nothing when
 *    this throws
 *  @throws what `readBody` does, and UNDECODABLE when it is not exactly one message */
export async function readMessage(
  stream: Readable,
  bounds: Pick<BodyBounds, "maxBytes" | "timeoutMs" | "budget">,
): Promise<GrpcMessage> {
  const body = await readBody(stream, { ...bounds, framingBytes: FRAME_HEAD_BYTES });
  const [flag, ...length] = body.head(FRAME_HEAD_BYTES);
  const declared = length.reduce((sum, byte) => sum * 256 + byte, 0);
  if (flag === undefined || flag > 1 || FRAME_HEAD_BYTES + declared !== body.size) {
    bounds.budget.give(body.size);
    throw new HarbingerError("UNDECODABLE", "the call must carry exactly one whole message");
  }
  return { isCompressed: flag === 1, bytes: body.copyFrom(FRAME_HEAD_BYTES) };
}
