/** The error record that an example of a rule stands for. */
import type { ErrorRecord } from "../telemetry/records.ts";
import type { RuleExample } from "./rule.ts";

export function exampleRecord(example: RuleExample): ErrorRecord {
  const { type, message, attributes, language, stacktrace } =
    typeof example === "string" ? { message: example } : example;
  return {
    service: { namespace: "", name: "example", environment: "" },
    timeMs: 0,
    source: "log",
    ...(type === undefined ? {} : { exceptionType: type }),
    ...(message === undefined ? {} : type === undefined ? { body: message } : { exceptionMessage: message }),
    ...(language === undefined ? {} : { language }),
    ...(stacktrace === undefined ? {} : { stacktrace }),
    attributes: attributes ?? {},
  };
}
