/** Python: blocks `Traceback (most recent call last):` … `Type: message`, joined by "direct cause of" or "During handling"; printed
 *  innermost first. A SyntaxError's block shows the place without a function. Exception groups indent their members with `|`. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, splitHeader, stripLogPrefix } from "./trace-lines.ts";

const START = "Traceback (most recent call last):";
const CONNECTORS = ["The above exception was the direct cause of", "During handling of the above exception"];

export function parsePythonTrace(lines: readonly string[]): Cause[] {
  const blocks: Cause[] = [];
  const members: Cause[] = [];
  let frames: Frame[] = [];
  let current: Cause | null = null;
  let inBlock = false;
  let isGroup = false;
  let hasGroup = false;
  let detail = "";
  for (const raw of lines) {
    const line = isGroup ? raw.replace(/^[ |+]{0,60}(?:[|+]) ?/, "") : raw;
    const text = line.trim();
    if (text.endsWith(START)) {
      if (text.includes("Exception Group")) isGroup = true;
      inBlock = true;
      current = null;
      frames = [];
      const before = stripLogPrefix(text.slice(0, -START.length).replace(/\+ Exception Group ?$/, "")).trim();
      if (before !== "" && blocks.length === 0) detail = before;
      continue;
    }
    if (isGroup && /^[-+]+ \d+ -+$/.test(text)) {
      inBlock = true;
      current = null;
      frames = [];
      continue;
    }
    if (/^-{10,}$/.test(text)) continue;
    if (text === "" || CONNECTORS.some((connector) => text.startsWith(connector))) {
      if (text !== "") {
        current = null;
        // An exception that was never raised has no traceback, only its own line.
        const bare = blocks.length === 0 ? (splitHeader(detail) ?? bareHeader(detail)) : null;
        if (bare !== null) {
          blocks.push(emptyCause(bare.type, bare.message));
          detail = "";
        }
      }
      continue;
    }
    const place = /^ *File "([^"]{1,400})", line \d+(?:, in (.{1,200}))?/.exec(line);
    if (place !== null) {
      inBlock = true;
      frames.unshift(pythonFrame(place[1]!, place[2] ?? "<module>"));
      current = null;
      continue;
    }
    if (inBlock && /^\s/.test(line) && current === null) continue;
    if (inBlock && current === null) {
      const header = splitHeader(text) ?? bareHeader(text);
      if (header !== null) {
        current = { ...emptyCause(header.type, header.message), frames };
        // Members of a group follow the group's own line and are inside of it.
        (hasGroup ? members : blocks).push(current);
        if (isGroup && header.type.endsWith("Group")) hasGroup = true;
        frames = [];
        continue;
      }
    }
    if (current !== null) current.message = appendMessageLine(current.message, line);
    else if (!inBlock && detail === "") detail = stripLogPrefix(text);
  }
  const chain = [...blocks].reverse().concat(members);
  const outermost = chain[0];
  if (outermost !== undefined) outermost.detail = detail;
  return chain;
}

/** A type that is not named like an error: `KeyboardInterrupt`, `mypkg.Stop: message`, `Stop`. */
function bareHeader(text: string): { type: string; message: string } | null {
  const found = /^([A-Za-z_][\w.]{0,150})(?:: (.*))?$/.exec(text);
  return found === null ? null : { type: found[1]!, message: found[2] ?? "" };
}

function pythonFrame(file: string, name: string): Frame {
  const library =
    /(?:site|dist)-packages\/|\/lib(?:64)?\/python\d|^<frozen |^<__array|\\lib\\|\.pyx$/i.test(file) &&
    !/^\/(?:srv|app|opt\/app)\//.test(file);
  const package_ = /(?:site|dist)-packages\/(.+)$/.exec(file) ?? /\/python\d[\d.]*\/(.+)$/.exec(file);
  const module = (package_?.[1] ?? file.split(/[\\/]/).slice(-2).join("/")).replace(/\.pyc?$/, "");
  return { module, function: name.trim(), inApp: !library && !file.startsWith("<") };
}
