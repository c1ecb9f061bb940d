/** Log lines of servers: what is the message, and what is said beside it.
 *  - PostgreSQL: `ERROR:  23505: message`, then `DETAIL:`, `HINT:`, `CONTEXT:`, `STATEMENT:` … on lines of their own
 *  - MySQL and MariaDB: `[ERROR] [MY-012574] [InnoDB] message`; clients: `ERROR 1045 (28000): message`
 *  - nginx: `message, client: …, server: …, request: …, upstream: …, host: …`
 *  - Kafka and others with log4j's usual pattern: `message (org.example.Logger)`
 *  - Kubernetes events as kubectl shows them: `Warning  BackOff  12s (x5 over 1m)  kubelet  message`
 *  Time stamps, levels and process numbers before them are those of `stripLogPrefix`. */
import { type Cause, emptyCause } from "../parsed-error.ts";
import { appendMessageLine } from "./trace-lines.ts";

const BESIDE = /^(?:DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|WHERE): /;

/** @returns whether the line says something beside the message and was taken in as detail */
export function takeBeside(cause: Cause, line: string): boolean {
  if (!BESIDE.test(line)) return false;
  cause.detail = appendMessageLine(cause.detail, line);
  return true;
}

/** @param text of the first line, without its prefix
 *  @returns null for a line of nobody in particular */
export function serverLine(text: string): Cause | null {
  const postgres = /^ ?([0-9A-Z]{5}): (.+)$/.exec(text);
  if (postgres !== null && /\d/.test(postgres[1]!))
    return { ...emptyCause(null, postgres[2]!), detail: `SQLSTATE ${postgres[1]!}` };
  const mysql = /^\[(MY-\d{6})\] \[(\w{1,30})\] (.+)$/.exec(text);
  if (mysql !== null) return { ...emptyCause(null, mysql[3]!), detail: `${mysql[2]!} ${mysql[1]!}` };
  const nginx = text.indexOf(", client: ");
  if (nginx > 0 && text.includes(", server: ", nginx))
    return { ...emptyCause(null, text.slice(0, nginx)), detail: text.slice(nginx + 2) };
  const event =
    /^(?:Warning|Normal) {2,}([A-Z]\w{2,40}) {2,}\S{1,10}(?: \(x\d{1,6} over [\w.]{1,12}\))? {2,}\S{1,60} {2,}(.+)$/.exec(
      text,
    );
  if (event !== null) return emptyCause(event[1]!, event[2]!);
  if (!text.endsWith(")")) return null;
  const logger = text.lastIndexOf(" (");
  const named = logger > 0 && /^(?:[a-z]\w{0,40}\.){1,12}[A-Z]\w{0,80}$/.test(text.slice(logger + 2, -1));
  return named ? { ...emptyCause(null, text.slice(0, logger)), detail: text.slice(logger + 2, -1) } : null;
}
