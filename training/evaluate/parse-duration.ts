const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads durations as the configuration does: `500ms`, `60s`, `5m`, `1h`, `30d`.
 *  @returns ms   @throws RangeError for anything else */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) throw new RangeError(`not a duration: ${JSON.stringify(text)}; write 60m, 6h or 1d`);
  return Number(match[1]) * UNITS[match[2]!]!;
}
