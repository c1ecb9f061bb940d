/** Java, Kotlin, Scala, Groovy: `Type: message`, `\tat package.Class.method(File.java:1)`, `Caused by:`, `Suppressed:`, `... 7 more`. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, indentOf, splitHeader, stripLogPrefix } from "./trace-lines.ts";

const LIBRARY =
  /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|akka|play|android|org\.(?:apache|springframework|hibernate|eclipse|jboss|postgresql|mariadb|mysql|h2|mongodb|redisson|elasticsearch|slf4j|junit|gradle|codehaus|reactivestreams|aspectj|quartz|wildfly|xnio|jooq|flywaydb|xml|w3c|w3|omg|glassfish|osgi|opensearch|neo4j|rocksdb|bouncycastle|thymeleaf|yaml|jetbrains)|com\.(?:zaxxer|fasterxml|google|mysql|mongodb|datastax|netflix|rabbitmq|microsoft|amazonaws|oracle|ibm|squareup|lmax|mchange|alibaba\.druid|github\.benmanes|typesafe|hazelcast|esotericsoftware|codahale|couchbase|lightbend)|io\.(?:netty|grpc|lettuce|micrometer|opentelemetry|vertx|reactivex|undertow|quarkus|micronaut|projectreactor|ktor|confluent|kubernetes|r2dbc|jsonwebtoken|github\.resilience4j|helidon)|reactor|redis\.clients|okhttp3|okio|retrofit2|feign|oracle|net\.(?:sf|bytebuddy|jpountz)|software\.amazon|liquibase|ch\.qos|brave|rx|cats|zio|fs2)[./]/;

export function parseJvmTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  let suppressedIndent = -1;
  for (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    const indent = indentOf(line);
    if (suppressedIndent >= 0 && (indent > suppressedIndent || text.startsWith("Suppressed: "))) continue;
    if (text.startsWith("Suppressed: ")) {
      suppressedIndent = indent;
      continue;
    }
    const isCause = text.startsWith("Caused by: ");
    if (isCause && suppressedIndent >= 0 && indent >= suppressedIndent) continue;
    suppressedIndent = -1;
    if (isCause) {
      current = headerCause(text.slice("Caused by: ".length));
      chain.push(current);
      continue;
    }
    const frame = text.startsWith("at ") ? jvmFrame(text) : null;
    if (frame !== null) {
      current?.frames.push(frame);
      continue;
    }
    if (/^\.\.\. \d+ (?:more|common)/.test(text)) continue;
    if (current === null) {
      current = headerCause(stripLogPrefix(text));
      chain.push(current);
    } else if (current.frames.length === 0) {
      const nested: ReturnType<typeof splitHeader> = current.type === null ? splitHeader(text) : null;
      if (nested !== null) {
        // A log line came first, the exception it carries follows.
        current = { ...emptyCause(nested.type, nested.message), detail: current.message };
        chain[chain.length - 1] = current;
      } else current.message = appendMessageLine(current.message, text);
    }
  }
  return chain;
}

function headerCause(text: string): Cause {
  const thread = /^Exception in thread "[^"]{0,200}" /.exec(text)?.[0].length ?? 0;
  const header = splitHeader(text.slice(thread).replace(/^\[CIRCULAR REFERENCE: ?/, ""));
  return header === null ? emptyCause(null, text) : emptyCause(header.type, header.message);
}

function jvmFrame(text: string): Frame | null {
  const open = text.indexOf("(");
  if (open < 4) return null;
  const name = text.slice(3, open).replace(/^[^/ ]{0,100}\/(?:\/)?/, "");
  if (name.includes(" ") || name.includes(":")) return null;
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return null;
  const module = name
    .slice(0, dot)
    .replace(/\$\$(?:Lambda|EnhancerBy\w{0,40}|FastClassBy\w{0,40}|SpringCGLIB)\$.*$/, "")
    .replace(/\$(?:Proxy)?\d+/g, "");
  const method = name.slice(dot + 1).replace(/^lambda\$(\w*?)\$\d+$/, "lambda$$$1");
  return { module, function: method, inApp: !LIBRARY.test(`${module}.`) };
}
