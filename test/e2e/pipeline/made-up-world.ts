/** Services of a made-up installation, minute by minute: healthy for a while, then errors and latency creep up for some windows, then
 *  the service fails and recovers. Some build-ups come to nothing. Deterministic in its seed. */
import { createRandom, type Random } from "../../../training/random.ts";
import { int, nanos, resource, text } from "../../helpers/otlp-payloads.ts";

export interface World {
  /** start of the window that comes next */
  readonly nextStartMs: number;
  /** failures that began so far, of all services */
  readonly onsets: number;
  /** One window of every service, as an OTLP traces request. */
  nextWindow(): object;
  /** From now on nothing builds up by itself, and what went on is over. */
  calmDown(): void;
  /** @param windows from the first sign to the last window before the failure */
  beginBuildUp(service: string, windows: number): void;
}

export interface WorldPlan {
  services: readonly string[];
  /** a multiple of the window size */
  startMs: number;
  windowSizeMs: number;
  seed: number;
}

type Phase = { kind: "healthy" | "building" | "failing"; age: number; length: number; endsInFailure: boolean };

const REQUESTS = 24;
const FAILING_WINDOWS = 4;
const ERROR_SHARE = { healthy: 0.01, beforeOnset: 0.35, failing: 0.85 };

const healthy = (length: number): Phase => ({ kind: "healthy", age: 0, length, endsInFailure: false });

export function createWorld({ services, startMs, windowSizeMs, seed }: WorldPlan): World {
  const random = createRandom(seed);
  const phases = new Map(services.map((name) => [name, healthy(between(random, 15, 100))]));
  let nextStartMs = startMs;
  let onsets = 0;
  return {
    get nextStartMs() {
      return nextStartMs;
    },
    get onsets() {
      return onsets;
    },
    nextWindow() {
      const resourceSpans = [...phases].map(([name, before]) => {
        const phase = before.age < before.length ? before : phaseAfter(before, random);
        if (phase !== before && phase.kind === "failing") onsets += 1;
        phases.set(name, { ...phase, age: phase.age + 1 });
        return {
          resource: resource(name, text("service.version", "1.0.0"), text("telemetry.sdk.language", "nodejs")),
          scopeSpans: [{ scope: { name: "made-up" }, spans: spansOf(phase, nextStartMs, windowSizeMs, random) }],
        };
      });
      nextStartMs += windowSizeMs;
      return { resourceSpans };
    },
    calmDown() {
      for (const name of phases.keys()) phases.set(name, healthy(Number.POSITIVE_INFINITY));
    },
    beginBuildUp(service, windows) {
      phases.set(service, { kind: "building", age: 0, length: windows, endsInFailure: true });
    },
  };
}

function phaseAfter(phase: Phase, random: Random): Phase {
  if (phase.kind === "healthy") {
    return { kind: "building", age: 0, length: between(random, 6, 10), endsInFailure: random.uniform() < 0.9 };
  }
  if (phase.endsInFailure) return { kind: "failing", age: 0, length: FAILING_WINDOWS, endsInFailure: false };
  return healthy(between(random, 50, 100));
}

function spansOf(phase: Phase, startMs: number, windowSizeMs: number, random: Random): object[] {
  const progress = phase.kind === "building" ? (phase.age + 1) / phase.length : phase.kind === "failing" ? 1 : 0;
  const errorShare =
    phase.kind === "failing"
      ? ERROR_SHARE.failing
      : ERROR_SHARE.healthy + progress * (ERROR_SHARE.beforeOnset - ERROR_SHARE.healthy);
  return Array.from({ length: between(random, REQUESTS, REQUESTS + 8) }, () => {
    const endMs = startMs + Math.floor(random.uniform() * windowSizeMs);
    const durationMs = Math.ceil(20 * (1 + 6 * progress) * (0.5 + random.uniform()));
    return requestSpan({ endMs, durationMs, isError: random.uniform() < errorShare }, random);
  });
}

function requestSpan(request: { endMs: number; durationMs: number; isError: boolean }, random: Random): object {
  const { endMs, durationMs, isError } = request;
  return {
    traceId: hex(random, 32),
    spanId: hex(random, 16),
    name: "GET /items/:id",
    kind: 2,
    startTimeUnixNano: nanos(endMs - durationMs),
    endTimeUnixNano: nanos(endMs),
    attributes: [text("http.request.method", "GET"), int("http.response.status_code", isError ? 504 : 200)],
    status: isError ? { code: 2, message: "upstream timed out" } : {},
    events: isError
      ? [
          {
            timeUnixNano: nanos(endMs),
            name: "exception",
            attributes: [
              text("exception.type", "TimeoutError"),
              text("exception.message", `upstream did not answer within ${durationMs} ms`),
            ],
          },
        ]
      : [],
  };
}

function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(random.uniform() * 16).toString(16)).join("");
}

/** A whole number in [low, high]. */
function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random.uniform() * (high - low + 1));
}
