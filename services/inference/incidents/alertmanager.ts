/** Alertmanager's alerts → incidents. An alert is one incident per time it fires: its fingerprint (a hash of its labels) and its
 *  start together are the incident's external id, so that repeats and the resolution find it again. */
import type { z } from "zod";
import { type ErrorClass, isErrorClass } from "../../../models/taxonomy/classes.ts";
import type { ServiceQuery } from "../../platform/store/service-lookup.ts";
import type { alertmanagerRequestSchema } from "./incident-schemas.ts";

export type Alert = z.output<typeof alertmanagerRequestSchema>["alerts"][number];

export interface MappedAlert {
  externalId: string;
  /** tried in this order: a Kubernetes namespace is often, but not always, the service's */
  services: ServiceQuery[];
  startMs: number;
  endMs: number | null;
  title: string;
  class: ErrorClass | null;
}

/** @returns the incident that an alert means, or why it means none */
export function mapAlert(alert: Alert): MappedAlert | { skip: string } {
  const { labels, annotations } = alert;
  if (labels.harbinger_horizon !== undefined) {
    return { skip: "the alert was made from Harbinger's own prediction, which is not evidence of a failure" };
  }
  const services = servicesOf(labels);
  if (services.length === 0) return { skip: "no label names the service (service_name, service, app or job)" };
  const startMs = Date.parse(alert.startsAt);
  const endMs = alert.status === "resolved" ? Date.parse(alert.endsAt ?? "") : Number.NaN;
  const errorClass = labels.error_class;
  return {
    externalId: `alertmanager:${alert.fingerprint}:${startMs}`,
    services,
    startMs,
    endMs: Number.isFinite(endMs) && endMs >= startMs ? endMs : null,
    title: (annotations.summary ?? labels.alertname ?? "alert").slice(0, 500),
    class: isErrorClass(errorClass) ? errorClass : null,
  };
}

function servicesOf(labels: Readonly<Record<string, string>>): ServiceQuery[] {
  const job = labels.job;
  const name = labels.service_name ?? labels.service ?? labels.app ?? job?.slice(job.lastIndexOf("/") + 1);
  if (name === undefined || name === "") return [];
  // OpenTelemetry writes `service.namespace/service.name` into Prometheus' job label.
  const jobNamespace = job?.endsWith(`/${name}`) === true ? job.slice(0, -name.length - 1) : undefined;
  const namespace = labels.service_namespace ?? jobNamespace ?? labels.namespace;
  const environment = labels.deployment_environment_name ?? labels.environment ?? labels.env;
  const queries: ServiceQuery[] = [{ name, namespace, environment }];
  if (namespace !== undefined) queries.push({ name, environment });
  if (environment !== undefined) queries.push({ name });
  return queries;
}
