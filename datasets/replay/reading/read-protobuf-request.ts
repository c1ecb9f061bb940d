/** One OTLP request in protobuf: its signal by what its records look like, unless it is said. */
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import { readProtobufContent, shiftProtobuf } from "../times/protobuf-times.ts";
import type { ProtobufFrame } from "./protobuf-frames.ts";
import { signalOfProtobuf } from "./protobuf-signal.ts";
import { type RecordedRequest, RecordingError } from "./recorded-request.ts";

/** @param said the signal, when the user knows it @throws RecordingError */
export function readProtobufRequest({ bytes, number }: ProtobufFrame, file: string, said?: Signal): RecordedRequest {
  const source = `${file} (request ${number})`;
  try {
    const signal = said ?? signalOfProtobuf(bytes);
    if (signal === null) {
      throw new RecordingError(source, "no record in it tells its signal: say --signal traces, logs or metrics");
    }
    return {
      signal,
      encoding: "protobuf",
      ...readProtobufContent(signal, bytes),
      source,
      body: (shiftNs) => (shiftNs === 0n ? bytes : shiftProtobuf(signal, bytes, shiftNs)),
    };
  } catch (error) {
    if (error instanceof TelemetryDecodeError) {
      throw new RecordingError(source, `not an OTLP request in protobuf: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
