/** A record of outages as telemetry in two parts: what a model may learn from, and what it is asked about. */
import { probeRequests } from "../../datasets/replay/outages/probe-requests.ts";
import { readWebsiteProbes } from "../../datasets/replay/outages/probes.ts";
import { type Recording, type TimeRange, unite } from "../../datasets/replay/reading/recorded-request.ts";

export interface RecordPart {
  recording: Recording;
  /** of its newest probe */
  lastMs: number;
}

export interface PartsOptions {
  /** of the record's step 0 */
  startMs: number;
  /** start of the second part */
  cutMs: number;
  /** longest event time in one request */
  maxSpanMs: number;
}

/** @throws RangeError when a part is empty, or the text is no AVT file */
export function splitRecord(text: string, { startMs, cutMs, maxSpanMs }: PartsOptions): [RecordPart, RecordPart] {
  const probes = readWebsiteProbes(text, { startMs, isStudiedOnly: true });
  const part = (name: string, belongs: (atMs: number) => boolean): RecordPart => {
    const chosen = function* () {
      for (const probe of probes.inOrder()) if (belongs(probe.atMs)) yield probe;
    };
    let times: TimeRange | null = null;
    for (const { atMs } of chosen()) times = unite(times, { firstMs: atMs, lastMs: atMs });
    if (times === null) throw new RangeError(`the record has no probe ${name}`);
    const recording: Recording = {
      name,
      async *requests() {
        yield* probeRequests({ times, inOrder: chosen }, { source: name, maxSpanMs });
      },
      times: async () => times,
    };
    return { recording, lastMs: times.lastMs };
  };
  return [part("before the test slice", (atMs) => atMs < cutMs), part("in the test slice", (atMs) => atMs >= cutMs)];
}
