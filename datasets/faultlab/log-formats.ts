/** Lines as loggers of many worlds write them, around one text. What a collector makes of such a line differs: some keep it whole, so
 *  the text must be found within it. */

interface Line {
  text: string;
  service: string;
  /** any integer: fills times, pids and thread numbers */
  n: number;
}

type Format = (line: Line) => string;

const quoted = (text: string): string => JSON.stringify(text);
const two = (value: number): string => String(value % 60).padStart(2, "0");
const clock = (n: number): string => `${two(n % 24)}:${two(n >> 3)}:${two(n >> 5)}`;

const FORMATS: readonly Format[] = [
  ({ text }) => text,
  ({ text, n }) => `2026-03-14T${clock(n)}.${(n % 900) + 100}Z ERROR ${text}`,
  ({ text, service, n }) => `level=error ts=2026-03-14T${clock(n)}Z caller=${service}.go:${n % 400} msg=${quoted(text)}`,
  ({ text, service, n }) => `time="2026-03-14T${clock(n)}Z" level=error msg=${quoted(text)} component=${service}`,
  ({ text, service, n }) => `{"level":"error","ts":"2026-03-14T${clock(n)}Z","logger":"${service}","msg":${quoted(text)}}`,
  ({ text, n }) => `{"severity":"ERROR","message":${quoted(text)},"requestId":"${(n * 2_654_435_761).toString(16)}"}`,
  ({ text, service, n }) => `Mar 14 ${clock(n)} host-${n % 9} ${service}[${n % 30_000}]: ${text}`,
  ({ text, service, n }) => `<11>1 2026-03-14T${clock(n)}Z host-${n % 9} ${service} ${n % 30_000} - - ${text}`,
  ({ text, service, n }) => `2026-03-14 ${clock(n)},${(n % 900) + 100} ERROR [main] c.a.${service}.Worker - ${text}`,
  ({ text, service, n }) => `2026-03-14 ${clock(n)},${(n % 900) + 100} - ${service}.jobs - ERROR - ${text}`,
  ({ text, service, n }) => `ERROR:${service}.tasks:${text} [${n % 100}]`,
  ({ text, service, n }) => `E0314 ${clock(n)}.${(n % 900_000) + 100_000} ${n % 30_000} ${service}.cc:${n % 700}] ${text}`,
  ({ text, service, n }) => `[${clock(n)} ERR] <${service}> ${text}`,
  ({ text, service, n }) => `E, [2026-03-14T${clock(n)}.000000 #${n % 30_000}] ERROR -- ${service}: ${text}`,
  ({ text, service, n }) => `[2026-03-14 ${clock(n)}] production.ERROR: ${text} {"service":"${service}"} []`,
  ({ text, service, n }) => `fail: ${service}.Jobs.Runner[${n % 20}]\n      ${text}`,
]; // biome-ignore format: a table

export const FORMAT_COUNT = FORMATS.length;

/** @param format in [0, FORMAT_COUNT); 0 is the bare text */
export function formatLine(format: number, line: Line): string {
  return (FORMATS[format] ?? FORMATS[0]!)(line);
}
