/** Who sent a record: an OTLP resource as Harbinger reads it. */
import { type AnyValueMap, scalarText } from "./any-value.ts";
import type { BatchLimits } from "./batch-limits.ts";
import { boundText } from "./bounded-text.ts";
import type { AttributeValue, ServiceIdentity } from "./records.ts";
import { firstText, UNKNOWN_SERVICE } from "./semconv.ts";

export interface Sender {
  service: ServiceIdentity;
  version: string | undefined;
  instance: string | undefined;
  language: string | undefined;
  /** the resource's `k8s.*` attributes: as many as an error record keeps, and as many again, which it may have already */
  workload(): readonly Workload[];
}

type Workload = readonly [name: string, value: AttributeValue];

export function senderOf(attributes: AnyValueMap, limits: BatchLimits): Sender {
  const read = (...names: string[]) => {
    const text = firstText(attributes, names);
    return text === undefined ? undefined : boundText(text, limits.maxNameLength);
  };
  let workload: readonly Workload[] | null = null;
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
    // only errors ask, and each error of a resource asks for the same
    workload: () => {
      workload ??= workloadOf(attributes, limits);
      return workload;
    },
  };
}

function workloadOf(attributes: AnyValueMap, limits: BatchLimits): Workload[] {
  const found: Workload[] = [];
  for (const [name, value] of attributes) {
    if (!name.startsWith("k8s.") || name.length > limits.maxNameLength || scalarText(value) === undefined) continue;
    // scalarText leaves text, numbers and booleans
    found.push([boundText(name, limits.maxNameLength), value as AttributeValue]);
    if (found.length === 2 * limits.maxErrorAttributes) break;
  }
  return found;
}
