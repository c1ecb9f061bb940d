/** Gathers one request into a TelemetryBatch: finds each record's window, refuses what lies outside the accepted times, and holds
 *  the bounds that keep one request from costing more than its bytes. */
import { OTHER } from "../windows/bounded-map.ts";
import { createWindowBuilder, type WindowBuilder } from "../windows/window-builder.ts";
import { windowStart } from "../windows/window-time.ts";
import type { AnyValueMap } from "./any-value.ts";
import type { BatchLimits } from "./batch-limits.ts";
import type { EpochMs, ErrorRecord, RejectionReason, Signal, TelemetryBatch } from "./records.ts";
import { type Sender, senderOf } from "./sender.ts";
import { isSet, type UnixNano } from "./unix-nano.ts";

export interface BatchOptions {
  /** hex SHA-256 over the signal and the decompressed body */
  batchId: string;
  receivedAtMs: EpochMs;
  windowSizeMs: number;
  /** records older than this before `receivedAtMs` are refused */
  maxPastMs: number;
  /** records later than this after `receivedAtMs` are refused */
  maxFutureMs: number;
  limits: BatchLimits;
}

export interface BatchBuilder {
  readonly options: BatchOptions;
  enterResource(attributes: () => AnyValueMap): void;
  /** who sent the records that now come */
  sender(): Sender;
  /** Counts a record. @param time when it happened; where that is not set `fallback` counts, and else the arrival
   *  @returns its window, or null when it is refused */
  admit(time: Readonly<UnixNano>, fallback: Readonly<UnixNano>): WindowBuilder | null;
  /** event time of the record that was last admitted */
  timeMs(): EpochMs;
  /** how many further error records could be kept, were they short */
  errorRoom(): number;
  /** Keeps error records as far as the bounds allow; the rest counts as lost. */
  addErrors(errors: readonly ErrorRecord[]): void;
  /** Counts errors whose records are not kept. */
  loseErrors(count: number): void;
  /** forgets every record so far */
  restart(): void;
  build(): TelemetryBatch;
}

interface ServiceWindows {
  service: Sender["service"];
  windows: Map<EpochMs, WindowBuilder>;
}

export function createBatchBuilder(signal: Signal, options: BatchOptions): BatchBuilder {
  const { receivedAtMs, windowSizeMs, limits } = options;
  const earliestMs = receivedAtMs - options.maxPastMs;
  const latestMs = receivedAtMs + options.maxFutureMs;
  const services = new Map<string, ServiceWindows>();
  const errors: ErrorRecord[] = [];
  let rejected: Partial<Record<RejectionReason, number>> = {};
  let windowCount = 0;
  let recordCount = 0;
  let errorsLength = 0;
  let lostErrors = 0;
  let foldedRecords = 0;
  let maxEventTimeMs = Number.NEGATIVE_INFINITY;

  let readResource: () => AnyValueMap = () => new Map();
  let sender: Sender | null = null;
  let current: ServiceWindows | null = null;
  let isFolded = false;
  /** the window of the last record, where the next one most often is; NaN when there is none */
  let currentStart = Number.NaN;
  let currentWindow: WindowBuilder | null = null;
  let timeMs = 0;

  function currentSender(): Sender {
    sender ??= senderOf(readResource(), limits);
    return sender;
  }

  function enterService(): ServiceWindows {
    const identity = currentSender().service;
    let key = `${identity.namespace}\n${identity.name}\n${identity.environment}`;
    let service = services.get(key);
    isFolded = service === undefined && services.size >= limits.maxServices;
    if (isFolded) {
      key = OTHER;
      service = services.get(key);
    }
    if (service === undefined) {
      service = { service: isFolded ? { namespace: "", name: OTHER, environment: "" } : identity, windows: new Map() };
      services.set(key, service);
    }
    return service;
  }

  function reject(reason: RejectionReason): null {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
    return null;
  }

  function admit(time: Readonly<UnixNano>, fallback: Readonly<UnixNano>): WindowBuilder | null {
    recordCount += 1;
    if (isSet(time)) timeMs = time.ms;
    else timeMs = isSet(fallback) ? fallback.ms : receivedAtMs;
    if (timeMs < earliestMs) return reject("too_old");
    if (timeMs > latestMs) return reject("too_far_in_future");
    if (currentWindow === null || !(timeMs >= currentStart && timeMs < currentStart + windowSizeMs)) {
      current ??= enterService();
      const start = windowStart(timeMs, windowSizeMs);
      const window = windowAt(current, start);
      if (window === null) return reject("over_limit");
      currentStart = start;
      currentWindow = window;
    }
    if (isFolded) foldedRecords += 1;
    if (timeMs > maxEventTimeMs) maxEventTimeMs = timeMs;
    return currentWindow;
  }

  function windowAt(service: ServiceWindows, start: EpochMs): WindowBuilder | null {
    const known = service.windows.get(start);
    if (known !== undefined) return known;
    if (windowCount >= limits.maxWindows) return null;
    windowCount += 1;
    const window = createWindowBuilder(limits.names);
    service.windows.set(start, window);
    return window;
  }

  function errorRoom(): number {
    return errorsLength > limits.maxErrorsLength ? 0 : limits.maxErrors - errors.length;
  }

  function enterResource(attributes: () => AnyValueMap): void {
    readResource = attributes;
    sender = null;
    current = null;
    currentWindow = null;
  }

  return {
    options,
    enterResource,
    sender: currentSender,
    admit,
    timeMs: () => timeMs,
    errorRoom,
    addErrors: (more) => {
      for (const error of more) {
        errorsLength += textLengthOf(error);
        if (errorRoom() === 0) lostErrors += 1;
        else errors.push(isFolded && current !== null ? { ...error, service: current.service } : error);
      }
    },
    loseErrors: (count) => {
      lostErrors += count;
    },
    restart: () => {
      services.clear();
      errors.length = 0;
      rejected = {};
      windowCount = 0;
      recordCount = 0;
      errorsLength = 0;
      lostErrors = 0;
      foldedRecords = 0;
      maxEventTimeMs = Number.NEGATIVE_INFINITY;
      enterResource(() => new Map());
    },
    build: () => {
      const windows = [...services.values()].flatMap(({ service, windows: builders }) =>
        [...builders].map(([startMs, window]) => ({ service, startMs, stats: window.build() })),
      );
      const losses = {
        ...(lostErrors === 0 ? {} : { errorRecords: lostErrors }),
        ...(foldedRecords === 0 ? {} : { foldedRecords }),
      };
      return {
        format: 1,
        batchId: options.batchId,
        signal,
        receivedAtMs,
        windowSizeMs,
        recordCount,
        rejected,
        maxEventTimeMs: maxEventTimeMs === Number.NEGATIVE_INFINITY ? null : maxEventTimeMs,
        windows,
        errors,
        ...(Object.keys(losses).length === 0 ? {} : { losses }),
      };
    },
  };
}

/** UTF-16 code units of an error's own texts; names and ids, which are short, are left out */
function textLengthOf(error: ErrorRecord): number {
  let length =
    (error.exceptionType?.length ?? 0) +
    (error.exceptionMessage?.length ?? 0) +
    (error.stacktrace?.length ?? 0) +
    (error.body?.length ?? 0);
  for (const [key, value] of Object.entries(error.attributes)) length += key.length + String(value).length;
  return length;
}
