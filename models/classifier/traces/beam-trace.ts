/** Erlang and Elixir: `** (Type) message` with `    (app 1.0) lib/file.ex:1: Module.fun/2`; `exception error: Term` with
 *  `  in function  module:fun/2 (file.erl, line 1)`, alone or in a crash report; error reports whose reason is a term,
 *  `{badarith,[{erlang,'/',[1,0],…},{lists,map,2,…}]}`. A line that only leads to the exception below it is kept as detail. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, stripLogPrefix, withoutRepeats } from "./trace-lines.ts";

const LIBRARY_APPLICATIONS =
  /^(?:elixir|stdlib|kernel|ecto|ecto_sql|db_connection|postgrex|phoenix\w*|plug\w*|cowboy\w*|ranch|logger|mix|iex|ex_unit|jason|poison|hackney|finch|mint|tesla|oban|broadway|gen_stage|telemetry|redix|myxql|bandit|thousand_island|absinthe|amqp\w*)$/;
const LIBRARY_MODULES =
  /^(?:gen_|proc_lib|lists|maps|erlang$|erl_|init|escript|elixir|ets|supervisor|io|file|timer|ssl|inet|httpc|logger|application|code|erlang|Enum|Map|GenServer|Task|Ecto|Phoenix|Plug|DBConnection)/;

export function parseBeamTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  let lead = "";
  let inArguments = false;
  for (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    const elixir = /^(?:.{0,80}?)\*\* \(([\w.]{1,150}|EXIT[^)]{0,100}|stop|exit|throw)\) ?(.*)$/.exec(text);
    const erlang =
      elixir === null ? /^(?:.{0,40}?[: >])?\*{0,2} ?exception (error|exit|throw): ?(.*)$/.exec(text) : null;
    if (elixir !== null || erlang !== null) {
      current = elixir === null ? emptyCause(erlang![1]!, erlang![2]!) : elixirCause(elixir[1]!, elixir[2]!);
      inArguments = false;
      chain.push(current);
      continue;
    }
    const frame = beamFrame(text) ?? (current === null ? null : callFrame(line));
    if (frame !== null) {
      current?.frames.push(frame);
      continue;
    }
    const report: Cause | null = current === null ? reportedReason(text) : null;
    if (report !== null) {
      current = report;
      chain.push(report);
    } else if (current === null) lead = appendMessageLine(lead, stripLogPrefix(text));
    else if (current.frames.length > 0) current.frames.push(...termFrames(text));
    else if (inArguments || text.startsWith("The following arguments were given to ")) {
      // Values of one call: they differ from one occurrence to the next.
      inArguments = true;
      current.detail = appendMessageLine(current.detail, text);
    } else if (current.type !== "EXIT" || !text.startsWith("in operator")) {
      current.message = appendMessageLine(current.message, text);
    }
  }
  // The same exception ends a process, and then those that wait for it, which exit because of it.
  const told = chain.filter(({ type, message }) => type !== "EXIT" || message !== "an exception was raised:");
  const causes = withoutRepeats(told.length > 0 ? told : chain);
  const [outermost] = causes;
  if (outermost === undefined) return lead === "" ? [] : [emptyCause(null, lead)];
  if (lead !== "") outermost.detail = outermost.detail === "" ? lead : `${lead}\n${outermost.detail}`;
  return causes;
}

function elixirCause(name: string, message: string): Cause {
  const isModule = /^[A-Z][\w.]*$/.test(name) && !name.startsWith("EXIT");
  return emptyCause(isModule ? name : (name.split(" ")[0] ?? null), message);
}

/** `{badarith,[{erlang,'/',[1,0],…},…]}`: a reason, and the stack that belongs to it. */
function reportedReason(text: string): Cause | null {
  const found = /^\{(\w{1,60}|\{.{1,300}?\}),\[(\{.*)$/.exec(text);
  if (found === null || !/^\{'?[\w@]{1,100}'?,'?[^,\s]{1,100}'?,/.test(found[2]!)) return null;
  return { ...emptyCause("error", found[1]!), frames: termFrames(found[2]!) };
}

/** `{lists,map,2,[{file,"lists.erl"},{line,1315}]}` → lists#map; of text without such terms nothing. */
function termFrames(text: string): Frame[] {
  if (!text.startsWith("{")) return [];
  const frames = text.matchAll(/\{'?([\w@]{1,100})'?,'?([^,'\s[{]{1,100})'?,(?:\d{1,3}|\[[^\]]{0,200}\]),\[/g);
  return [...frames].map(([, module, name]) => erlangFrame(module!, name!));
}

/** A call without a place: `    NoSuch.run(1)`, `    :erlang.map_get(:b, %{a: 1})`, as only stack traces indent them. */
function callFrame(line: string): Frame | null {
  const found =
    /^ {4,12}(?:\(\w{1,60} [\w.-]{1,40}\) )?(:?[A-Za-z][\w.]{0,150})\.([a-z_]\w{0,100}[!?]?)(?:\(.*\)|\/\d+)$/.exec(
      line,
    );
  if (found === null) return null;
  return { module: found[1]!, function: found[2]!, inApp: !LIBRARY_MODULES.test(found[1]!.replace(/^:/, "")) };
}

function erlangFrame(module: string, name: string): Frame {
  return { module, function: name.replace(/^-(\w+)\/\d+-.*$/, "$1"), inApp: !LIBRARY_MODULES.test(module) };
}

function beamFrame(text: string): Frame | null {
  const elixir = /^(?:\((\w+)(?: [\w.-]{1,40})?\) )?([\w./-]{1,200}\.(?:ex|exs|erl)):(?:\d+:)? (\S.{0,200})$/.exec(
    text,
  );
  if (elixir !== null) {
    const call = elixir[3]!
      .replace(/^anonymous fn.{0,80}? in /, "")
      .replace(/\."-(\w{1,100})\/\d.*$/, ".$1")
      .replace(/\/\d+.*$/, "");
    const dot = call.lastIndexOf(".");
    const module = dot < 0 ? elixir[2]! : call.slice(0, dot);
    return { module, function: call.slice(dot + 1), inApp: !LIBRARY_APPLICATIONS.test(elixir[1] ?? "") };
  }
  const operator = /^in operator +'?([^'\s]{1,10}?)'?\/\d$/.exec(text);
  if (operator !== null) return erlangFrame("erlang", operator[1]!);
  const erlang = /^(?:in function|in call from|called as|in) +'?([\w@.]{1,150})'?[:.](\S{1,150})/.exec(text);
  if (erlang === null) return null;
  return erlangFrame(erlang[1]!, erlang[2]!.startsWith("-") ? erlang[2]! : erlang[2]!.replace(/\/\d+.*$/, ""));
}
