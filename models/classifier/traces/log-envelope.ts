/** Structured log lines: one JSON object (zap, pino, bunyan, structlog, Serilog's compact form …) or logfmt's `key=value` pairs (slog, logrus).
 *  What the program says of the error stands in a field or two among times, levels, loggers and ids that say nothing of it. */

const MAX_FIELDS = 60;
const MAX_VALUE_LENGTH = 4_000;
const MAX_STACK_LENGTH = 24_000;
const MAX_DEPTH = 3;

/** Said first, in this order. */
const MESSAGES = ["msg", "message", "@message", "@m", "@mt", "event", "text", "short_message", "log"];
const ERRORS = ["error", "err", "exception", "exc", "cause", "reason", "error.message", "exception.message", "@x"];
const STACKS = ["stack", "stacktrace", "stack_trace", "exc_info", "error.stack_trace", "exception.stacktrace", "trace"];
/** Where, when and by whom it was logged. */
const SURROUNDINGS = new Set([
  "level", "lvl", "severity", "@l", "levelname", "ts", "time", "timestamp", "@timestamp", "@t", "t", "date", "datetime", "asctime", "caller", "logger",
  "logger_name", "loggername", "channel", "thread", "thread_name", "pid", "tid", "hostname", "trace_id", "span_id", "traceid", "spanid", "trace_flags",
  "request_id", "requestid", "reqid", "correlation_id", "correlationid", "v", "@version", "service", "component", "app", "application", "env",
  "environment", "version", "stream", "file", "filename", "line", "lineno", "func", "function", "@i", "tag", "facility",
]); // biome-ignore format: a list

/** @param text a log line, of any length; the work is linear in it
 *  @returns what it says, as `message: error key=value`, with the lines of a stack trace after it; the text itself where it is no
 *  structured line */
export function unwrapLogLine(text: string): string {
  const line = text.trim();
  const fields = line.startsWith("{") ? fieldsOfJson(line) : fieldsOfLogfmt(line);
  if (fields === null) return text;
  const said = [MESSAGES, ERRORS].flatMap((names) => takeFirst(fields, names) ?? []);
  const stack = takeFirst(fields, STACKS);
  if (said.length === 0 && stack === null) return text;
  const rest = [...fields].filter(([name]) => !SURROUNDINGS.has(name.toLowerCase()));
  const beside = rest.map(([name, value]) => `${name}=${value}`).join(" ");
  const head = [said.join(": "), beside].filter((part) => part !== "").join(" ");
  return stack === null ? head : `${head}\n${stack}`;
}

/** Takes the first of these fields out. */
function takeFirst(fields: Map<string, string>, names: readonly string[]): string | null {
  for (const name of names) {
    const value = fields.get(name);
    if (value === undefined || value === "") continue;
    fields.delete(name);
    return value;
  }
  return null;
}

function fieldsOfJson(line: string): Map<string, string> | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Cut off, or no JSON at all.
    return null;
  }
  const fields = new Map<string, string>();
  addFields(fields, "", value, 0);
  return fields;
}

function addFields(fields: Map<string, string>, name: string, value: unknown, depth: number): void {
  if (fields.size >= MAX_FIELDS || value === null || value === undefined) return;
  if (typeof value !== "object") {
    fields.set(name, String(value).slice(0, STACKS.includes(name) ? MAX_STACK_LENGTH : MAX_VALUE_LENGTH));
  } else if (depth < MAX_DEPTH) {
    for (const [key, inner] of Object.entries(value)) addFields(fields, nameWithin(name, key), inner, depth + 1);
  }
}

/** `err: {message, stack}` is as good as `err` and `stack`. */
function nameWithin(outer: string, key: string): string {
  if (outer === "") return key;
  if (!ERRORS.includes(outer)) return `${outer}.${key}`;
  if (key === "message" || key === "msg") return outer;
  return STACKS.includes(key) ? key : `${outer}.${key}`;
}

const PAIR = /([A-Za-z_@][\w.@-]{0,60})=(?:"((?:[^"\\]|\\.){0,4000})"|(\S{0,4000}))(?: +|$)/y;
const MIN_PAIRS = 2;

/** The line is pairs from its first character to its last, or it is none of logfmt. */
function fieldsOfLogfmt(line: string): Map<string, string> | null {
  const fields = new Map<string, string>();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < line.length && fields.size < MAX_FIELDS) {
    const pair = PAIR.exec(line);
    if (pair === null) return null;
    fields.set(pair[1]!, pair[2] === undefined ? (pair[3] ?? "") : unescaped(pair[2]));
  }
  return fields.size < MIN_PAIRS ? null : fields;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) =>
    character === "n" ? "\n" : character === "t" ? "\t" : character,
  );
}
