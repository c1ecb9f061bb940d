/** An error as a caller describes it → the record that telemetry would have made of it, with the same bounds. */
import type { z } from "zod";
import { boundKey, boundStacktrace, boundText } from "../../../models/telemetry/bounded-text.ts";
import type { AttributeValue, EpochMs, ErrorRecord } from "../../../models/telemetry/records.ts";
import type { errorInputSchema } from "./classify-schemas.ts";

export type ErrorInput = z.output<typeof errorInputSchema>;

const MAX_TYPE = 256;
const MAX_MESSAGE = 8192;
const MAX_STACKTRACE = 32_768;
const MAX_ATTRIBUTES = 64;
const MAX_ATTRIBUTE = 1024;

export function toErrorRecord(input: ErrorInput, timeMs: EpochMs): ErrorRecord {
  const { exception, body, severityText, severityNumber, resource = {} } = input;
  const {
    "exception.type": type,
    "exception.message": message,
    "exception.stacktrace": stacktrace,
    ...attributes
  } = input.attributes ?? {};
  return {
    service: {
      namespace: text(resource["service.namespace"], MAX_TYPE) ?? "",
      name: text(resource["service.name"], MAX_TYPE) ?? "",
      environment: text(resource["deployment.environment.name"] ?? resource["deployment.environment"], MAX_TYPE) ?? "",
    },
    timeMs,
    source: "log",
    attributes: boundAttributes(attributes),
    ...present("exceptionType", text(exception?.type ?? type, MAX_TYPE)),
    ...present("exceptionMessage", text(exception?.message ?? message, MAX_MESSAGE)),
    ...present("stacktrace", stack(exception?.stacktrace ?? stacktrace)),
    ...present("body", text(body, MAX_MESSAGE)),
    ...present("severityText", text(severityText, 64)),
    ...(severityNumber === undefined ? {} : { severityNumber }),
    ...present("language", text(resource["telemetry.sdk.language"], 64)),
    ...present("serviceVersion", text(resource["service.version"], MAX_TYPE)),
    ...present("instanceId", text(resource["service.instance.id"], MAX_TYPE)),
  };
}

type InputValue = NonNullable<ErrorInput["attributes"]>[string];

function boundAttributes(attributes: Readonly<Record<string, InputValue>>): Record<string, AttributeValue> {
  const bounded = Object.entries(attributes)
    .slice(0, MAX_ATTRIBUTES)
    .map(([key, value]): [string, AttributeValue] => [
      boundKey(key, MAX_TYPE),
      typeof value === "object" ? boundText(JSON.stringify(value), MAX_ATTRIBUTE) : scalar(value),
    ]);
  return Object.fromEntries(bounded);
}

function scalar(value: AttributeValue): AttributeValue {
  return typeof value === "string" ? boundText(value, MAX_ATTRIBUTE) : value;
}

function text(value: InputValue | undefined, maxLength: number): string | undefined {
  if (value === undefined || value === "") return undefined;
  return boundText(typeof value === "string" ? value : JSON.stringify(value), maxLength);
}

function stack(value: InputValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? boundStacktrace(value, MAX_STACKTRACE) : undefined;
}

function present<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  // An absent field is left out, not set to undefined (exactOptionalPropertyTypes); the computed key needs the assertion.
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}
