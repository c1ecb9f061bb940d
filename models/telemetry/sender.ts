/** Who sent a record: an OTLP resource as Harbinger reads it. */
import type { AnyValueMap } from "./any-value.ts";
import type { BatchLimits } from "./batch-limits.ts";
import { boundText } from "./bounded-text.ts";
import type { ServiceIdentity } from "./records.ts";
import { firstText, UNKNOWN_SERVICE } from "./semconv.ts";

export interface Sender {
  service: ServiceIdentity;
  version: string | undefined;
  instance: string | undefined;
  language: string | undefined;
  /** the resource's own attributes */
  attributes: AnyValueMap;
}

export function senderOf(attributes: AnyValueMap, limits: BatchLimits): Sender {
  const read = (...names: string[]) => {
    const text = firstText(attributes, names);
    return text === undefined ? undefined : boundText(text, limits.maxNameLength);
  };
  return {
    service: {
      namespace: read("service.namespace") ?? "",
      name: read("service.name") ?? UNKNOWN_SERVICE,
      environment: read("deployment.environment.name", "deployment.environment") ?? "",
    },
    version: read("service.version"),
    // without an instance id, the pod or the host and process tells restarts and replicas apart as well
    instance: read("service.instance.id", "k8s.pod.uid", "k8s.pod.name", "container.id", "host.name"),
    language: read("telemetry.sdk.language"),
    attributes,
  };
}
