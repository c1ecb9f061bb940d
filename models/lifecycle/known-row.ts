/** One prediction whose outcome is known. */
import type { ExampleLabel } from "../features/labels.ts";
import type { EpochMs } from "../telemetry/records.ts";

export interface KnownRow {
  serviceId: number;
  /** end of the window that the prediction was made at */
  atMs: EpochMs;
  /** who answered; null: base rates */
  version: string | null;
  /** P(onset within the horizon) */
  probability: number;
  /** what versions that nobody was shown said, by version */
  shadows: Readonly<Record<string, number>>;
  outcome: 0 | 1;
  /** 1 = the very next window was the onset; null: none within what was watched */
  windowsToOnset: number | null;
}

/** @returns null where nobody can say, or where the row must not be scored: already failing, acted upon (`mitigated`) */
export function knownOutcome(label: ExampleLabel, horizonWindows: number): 0 | 1 | null {
  if (label.excluded !== undefined) return null;
  if (label.windowsToOnset !== null) return label.windowsToOnset <= horizonWindows ? 1 : 0;
  return label.observedWindows >= horizonWindows ? 0 : null;
}

export interface RowCounts {
  rows: number;
  positives: number;
  /** failures of which the window before had a prediction: how many separate things `positives` are */
  failures: number;
}

/** @returns the counts with these rows among them */
export function countRows({ rows, positives, failures }: RowCounts, more: readonly KnownRow[]): RowCounts {
  return {
    rows: rows + more.length,
    positives: more.reduce((sum, { outcome }) => sum + outcome, positives),
    failures: failures + more.filter(({ windowsToOnset }) => windowsToOnset === 1).length,
  };
}
