/** What the demo shows: lines that stay, and on a terminal one status line that is written over. */

export interface ConsoleView {
  title(text: string): void;
  line(text: string): void;
  json(label: string, value: unknown): void;
  /** the present state; on a plain stream it is only written every few seconds */
  status(text: string): void;
}

const PLAIN_STATUS_INTERVAL_MS = 10_000;

export function createConsoleView(out: NodeJS.WriteStream): ConsoleView {
  const isTerminal = out.isTTY === true;
  let hasStatus = false;
  let lastStatusAtMs = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (hasStatus) out.write("\r\u001b[2K");
    hasStatus = false;
  };
  const line = (text: string) => {
    clear();
    out.write(`${text}\n`);
  };
  return {
    line,
    title(text) {
      line("");
      line(isTerminal ? `\u001b[1m${text}\u001b[0m` : `== ${text}`);
      lastStatusAtMs = Number.NEGATIVE_INFINITY;
    },
    json(label, value) {
      line(label);
      for (const row of JSON.stringify(value, null, 2).split("\n")) line(`  ${row}`);
    },
    status(text) {
      if (isTerminal) {
        clear();
        out.write(text.slice(0, Math.max(20, out.columns - 1)));
        hasStatus = true;
      } else if (performance.now() - lastStatusAtMs >= PLAIN_STATUS_INTERVAL_MS) {
        lastStatusAtMs = performance.now();
        out.write(`${text}\n`);
      }
    },
  };
}

/** `67 %`, `<1 %` */
export function percent(probability: number): string {
  const value = probability * 100;
  return value > 0 && value < 1 ? "<1 %" : `${Math.round(value)} %`;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
