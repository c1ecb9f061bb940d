/** Erlang and Elixir: `** (Type) message` with `    (app 1.0) lib/file.ex:1: Module.fun/2`; `exception error: Term` with
 *  `  in function  module:fun/2 (file.erl, line 1)`; crash reports whose reason is a nested tuple. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, stripLogPrefix } from "./trace-lines.ts";

const LIBRARY_APPLICATIONS =
  /^(?:elixir|stdlib|kernel|ecto|ecto_sql|db_connection|postgrex|phoenix\w*|plug\w*|cowboy\w*|ranch|logger|mix|iex|ex_unit|jason|poison|hackney|finch|mint|tesla|oban|broadway|gen_stage|telemetry|redix|myxql|bandit|thousand_island|absinthe|amqp\w*)$/;
const LIBRARY_MODULES =
  /^(?:gen_|proc_lib|lists|maps|erl_|elixir|ets|supervisor|io|file|timer|ssl|inet|httpc|logger|application|code|erlang|Enum|Map|GenServer|Task|Ecto|Phoenix|Plug|DBConnection)/;

export function parseBeamTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  for (const line of lines) {
    const text = line.trim();
    if (text === "") continue;
    const elixir = /^(?:.{0,80}?)\*\* \(([\w.]{1,150}|EXIT[^)]{0,100}|stop|exit|throw)\) ?(.*)$/.exec(text);
    if (elixir !== null) {
      const type =
        /^[A-Z][\w.]*$/.test(elixir[1]!) && !elixir[1]!.startsWith("EXIT")
          ? elixir[1]!
          : (elixir[1]!.split(" ")[0] ?? null);
      current = emptyCause(type, elixir[2]!);
      chain.push(current);
      continue;
    }
    const erlang = /^\*{0,2} ?exception (error|exit|throw): ?(.*)$/.exec(text);
    if (erlang !== null) {
      current = emptyCause(erlang[1]!, erlang[2]!);
      chain.push(current);
      continue;
    }
    const frame = beamFrame(text);
    if (frame !== null) {
      current?.frames.push(frame);
      continue;
    }
    if (current === null) {
      current = emptyCause(null, stripLogPrefix(text));
      chain.push(current);
    } else if (current.frames.length === 0) current.message = appendMessageLine(current.message, text);
  }
  return chain;
}

function beamFrame(text: string): Frame | null {
  const elixir = /^(?:\((\w+)(?: [\w.-]{1,40})?\) )?([\w./-]{1,200}\.(?:ex|exs|erl)):(?:\d+:)? (\S.{0,200})$/.exec(
    text,
  );
  if (elixir !== null) {
    const call = elixir[3]!.replace(/\/\d+.*$/, "").replace(/^anonymous fn.*? in /, "");
    const dot = call.lastIndexOf(".");
    const module = dot < 0 ? elixir[2]! : call.slice(0, dot);
    return { module, function: call.slice(dot + 1), inApp: !LIBRARY_APPLICATIONS.test(elixir[1] ?? "") };
  }
  const erlang = /^(?:in function|in call from|called as|in) +'?([\w@.]{1,150})'?[:.](\S{1,150})/.exec(text);
  if (erlang === null) return null;
  return {
    module: erlang[1]!,
    function: erlang[2]!.replace(/\/\d+.*$/, "").replace(/^-(\w+)\/\d+-.*$/, "$1"),
    inApp: !LIBRARY_MODULES.test(erlang[1]!),
  };
}
