/** .NET and Mono: `Type: message ---> Inner: message`, frames `   at Namespace.Type.Method (args) in file:line 1`, and
 *  `--- End of inner exception stack trace ---`, after which the frames are of the exception around it. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, nameFromMessage, splitHeader, stripLogPrefix } from "./trace-lines.ts";

const LIBRARY =
  /^(?:System|Microsoft|Mono|MS|Npgsql|MySql|MySqlConnector|StackExchange|Newtonsoft|RabbitMQ|Confluent|Grpc|Dapper|Polly|MongoDB|Oracle|AutoMapper|MediatR|FluentValidation|NHibernate|Hangfire|Serilog|NLog|Azure|Amazon|Google|Elastic|Nest|MassTransit|Quartz|Castle|Autofac|Swashbuckle|Kestrel|Internal|Interop|FSharp|\(wrapper)[. ]/;

export function parseDotnetTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  // Index in the chain whose frames are being read: the innermost first, then outwards.
  let reading = -1;
  let inRepeat = false;
  for (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    // Mono prints what nobody caught twice.
    if (chain.length > 0 && text.startsWith("[ERROR] FATAL UNHANDLED EXCEPTION:")) break;
    // The members of an AggregateException: the first was printed as its inner exception before, the others are beside the chain.
    if (text.startsWith("---> (Inner Exception #") && chain.some(({ frames }) => frames.length > 0)) inRepeat = true;
    if (inRepeat) {
      if (text.endsWith("<---")) inRepeat = false;
      continue;
    }
    if (text.startsWith("--- End of inner")) {
      if (reading > 0) reading--;
      continue;
    }
    if (text.startsWith("--- End of stack trace") || /^-{3,}$/.test(text)) continue;
    const frame = text.startsWith("at ") ? dotnetFrame(text) : null;
    if (frame !== null) {
      const [outermost] = chain;
      if (outermost !== undefined) nameFromMessage(outermost);
      chain[Math.max(reading, 0)]?.frames.push(frame);
      continue;
    }
    if (chain.length === 0 || text.startsWith("---> ")) {
      for (const part of headerParts(chain.length === 0 ? stripLogPrefix(text) : text)) {
        if (/^\(Inner Exception #[1-9]/.test(part)) continue;
        chain.push(headerCause(part.replace(/^\(Inner Exception #\d+\) ?/, "")));
      }
      reading = chain.length - 1;
      continue;
    }
    const current = chain[reading];
    if (current === undefined) continue;
    if (current.frames.length === 0) {
      const [own, ...inner] = headerParts(text);
      const nested = current.type === null ? splitHeader(own ?? "") : null;
      if (nested !== null) chain[reading] = { ...emptyCause(nested.type, nested.message), detail: current.message };
      else current.message = appendMessageLine(current.message, own ?? "");
      for (const part of inner) chain.push(headerCause(part));
      reading = chain.length - 1;
    }
  }
  return chain;
}

function headerParts(text: string): string[] {
  return text
    .split("---> ")
    .map((part) => part.trim().replace(/<---$/, ""))
    .filter((part) => part !== "");
}

function headerCause(text: string): Cause {
  const header = splitHeader(text.replace(/^Unhandled [Ee]xception[.:] ?/, ""));
  return header === null
    ? emptyCause(null, text)
    : { ...emptyCause(header.type.replace(/`\d+$/, ""), header.message), detail: header.code ?? "" };
}

function dotnetFrame(text: string): Frame | null {
  const open = text.indexOf("(", text.startsWith("at (") ? 4 : 3);
  if (open < 4) return null;
  const name = text
    .slice(3, open)
    .trim()
    .replace(/^\(wrapper [\w-]+\) /, "")
    .replace(/\[[^\]]{0,200}\]/g, "")
    .replace(/`\d+/g, "");
  const dot = name.endsWith("..ctor") || name.endsWith("..cctor") ? name.lastIndexOf("..") : name.lastIndexOf(".");
  if (dot <= 0 || name.includes(" ")) return null;
  return {
    module: name.slice(0, dot).replace(/<(\w*)>[\w_]*\d+/g, "<$1>"),
    function: name.slice(dot + 1).replace(/<(\w*)>[mbcd]__\w+/, "<$1>"),
    inApp: !LIBRARY.test(`${name}.`),
  };
}
