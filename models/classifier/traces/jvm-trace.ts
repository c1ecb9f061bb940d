/** Java, Kotlin, Scala, Groovy: `Type: message`, `\tat package.Class.method(File.java:1)`, `Caused by:`, `Suppressed:`, `... 7 more`,
 *  `[CIRCULAR REFERENCE: …]`; Logback's order with the root cause first and `Wrapped by:`. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, indentOf, nameFromMessage, splitHeader, stripLogPrefix } from "./trace-lines.ts";

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
    // It was printed before.
    if (text.includes("[CIRCULAR REFERENCE")) continue;
    if (isCause) {
      current = namedCause(text.slice("Caused by: ".length));
      chain.push(current);
      continue;
    }
    if (text.startsWith("Wrapped by: ")) {
      current = namedCause(text.slice("Wrapped by: ".length));
      chain.unshift(current);
      continue;
    }
    const frame = text.startsWith("at ") ? jvmFrame(text) : null;
    if (frame !== null) {
      if (current !== null) nameFromMessage(current);
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
  if (thread > 0) return namedCause(text.slice(thread));
  const header = splitHeader(text);
  return header === null ? emptyCause(null, text) : emptyCause(header.type, header.message);
}

/** Where only a throwable can stand, anything that may be the name of a class is its type. */
function namedCause(text: string): Cause {
  const header = splitHeader(text);
  if (header !== null) return emptyCause(header.type, header.message);
  const named = /^([A-Za-z_$][\w.$]{0,199})(?:: |$)/.exec(text);
  return named === null ? emptyCause(null, text) : emptyCause(named[1]!, text.slice(named[0].length));
}

function jvmFrame(text: string): Frame | null {
  const open = text.indexOf("(");
  if (open < 4) return null;
  // Hidden classes carry an address; before the class there may be a class loader and a module: `app//`, `java.base@17/`.
  const place = text.slice(3, open).replace(/\/0x[\da-f]{1,16}(?=\.)/, "");
  const name = place.slice(place.lastIndexOf("/") + 1);
  if (name.includes(" ") || name.includes(":")) return null;
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return null;
  const module = name
    .slice(0, dot)
    .replace(/\$\$(?:Lambda|EnhancerBy\w{0,40}|FastClassBy\w{0,40}|SpringCGLIB)\b.*$/, "")
    .replace(/\$(?:Proxy)?\d+/g, "");
  const method = name.slice(dot + 1).replace(/^lambda\$(\w*?)\$\d+$/, "lambda$$$1");
  return { module, function: method, inApp: !LIBRARY.test(`${module}.`) };
}
