/** Probes as OTLP: each is a SERVER span of the site it looked at, which ends at the probe's time and failed when the site did. */
import { createHash } from "node:crypto";
import type { RecordedRequest, TimeRange } from "../reading/recorded-request.ts";
import type { Probe, Probes } from "./probes.ts";

export interface ProbeRequestOptions {
  /** for messages */
  source: string;
  /** longest event time in one request */
  maxSpanMs: number;
}

/** A request's worth: large enough for the wire, small against HARBINGER_MAX_BODY_BYTES (a span takes about 300 bytes). */
const SPANS_PER_REQUEST = 1_000;

const NANOS_PER_MS = 1_000_000n;
const KIND_SERVER = 2;
const STATUS_ERROR = 2;

/** Probes of one moment stay together, so that no window is open in one request and closed by another. */
export function* probeRequests(probes: Probes, { source, maxSpanMs }: ProbeRequestOptions): Generator<RecordedRequest> {
  let group: Probe[] = [];
  for (const probe of probes.inOrder()) {
    const isFull = group.length >= SPANS_PER_REQUEST || probe.atMs - (group[0]?.atMs ?? probe.atMs) >= maxSpanMs;
    if (isFull && probe.atMs !== group.at(-1)?.atMs) {
      yield toRequest(group, source);
      group = [];
    }
    group.push(probe);
  }
  if (group.length > 0) yield toRequest(group, source);
}

function toRequest(probes: readonly Probe[], file: string): RecordedRequest {
  const times: TimeRange = { firstMs: probes[0]!.atMs, lastMs: probes.at(-1)!.atMs };
  return {
    signal: "traces",
    encoding: "json",
    recordCount: probes.length,
    times,
    source: `${file} (${new Date(times.firstMs).toISOString()})`,
    body: (shiftNs) => new TextEncoder().encode(JSON.stringify(toOtlp(probes, shiftNs))),
  };
}

function toOtlp(probes: readonly Probe[], shiftNs: bigint): object {
  const bySite = new Map<string, { resource: object; id: string; spans: object[] }>();
  for (const probe of probes) {
    const key = `${probe.namespace ?? ""}\n${probe.site}`;
    const site = bySite.get(key) ?? { resource: resourceOf(probe), id: idOf(key), spans: [] };
    bySite.set(key, site);
    site.spans.push(spanOf(probe, site.id, shiftNs));
  }
  return {
    resourceSpans: [...bySite.values()].map(({ resource, spans }) => ({
      resource,
      scopeSpans: [{ scope: { name: "harbinger.replay" }, spans }],
    })),
  };
}

/** @returns 16 hex digits */
function idOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

function resourceOf({ site, namespace }: Probe): object {
  return {
    attributes: [
      text("service.name", site),
      ...(namespace === undefined ? [] : [text("service.namespace", namespace)]),
    ],
  };
}

function spanOf(probe: Probe, spanId: string, shiftNs: bigint): object {
  const endNs = BigInt(probe.atMs) * NANOS_PER_MS + shiftNs;
  const startNs = endNs - BigInt(Math.round(probe.latencyMs ?? 0)) * NANOS_PER_MS;
  return {
    // the same probe has the same ids in every replay, and others when its time is moved
    traceId: `${endNs.toString(16).padStart(16, "0")}${spanId}`,
    spanId,
    name: "probe",
    kind: KIND_SERVER,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(endNs),
    attributes: [
      ...(probe.httpStatus === undefined
        ? []
        : [{ key: "http.response.status_code", value: { intValue: String(probe.httpStatus) } }]),
      ...(probe.isUp ? [] : [text("error.type", probe.httpStatus === undefined ? "_OTHER" : String(probe.httpStatus))]),
    ],
    status: probe.isUp ? {} : { code: STATUS_ERROR, message: failureOf(probe) },
  };
}

function failureOf({ httpStatus }: Probe): string {
  return httpStatus === undefined ? "the site did not answer its probe" : `the probe was answered with ${httpStatus}`;
}

function text(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}
