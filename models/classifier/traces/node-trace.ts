/** Node and browsers: `Type [CODE]: message`, `    at fn (file:1:2)`, `[cause]: Type: message`, members of an AggregateError under
 *  `[errors]: [`, and the properties of an error that `util.inspect` prints between braces. */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, nameFromMessage, splitHeader, stripLogPrefix } from "./trace-lines.ts";

const MAX_DETAIL_LENGTH = 2_000;

export function parseNodeTrace(lines: readonly string[]): Cause[] {
  const chain: Cause[] = [];
  let current: Cause | null = null;
  let inMembers = false;
  let isFirstMember = false;
  let before = "";
  let quoted = "";
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text.startsWith("Node.js v") || text.startsWith("(Use `node ")) continue;
    // What Node quotes of the program ends with a marker; what is not an error object stands below it.
    if (/^\^+$/.test(text)) {
      if (current === null) quoted = before;
      if (current === null) before = "";
      continue;
    }
    if (/^\.\.\. \d{1,6} lines matching/.test(text)) continue;
    const cause = /^(?:\[cause\]:|Caused by:|caused by:) ?(.*)$/.exec(text);
    if (cause !== null) {
      current = headerCause(cause[1]!);
      chain.push(current);
      continue;
    }
    if (text.startsWith("[errors]:")) {
      inMembers = true;
      isFirstMember = true;
      continue;
    }
    const frame = text.startsWith("at ") ? nodeFrame(text) : null;
    if (frame !== null) {
      if (current === null && before !== "") {
        current = emptyCause(null, before);
        chain.push(current);
      }
      if (current !== null) nameFromMessage(current);
      current?.frames.push(frame);
      continue;
    }
    const header = splitHeader(text.replace(/^\[(?=[A-Z])/, "").replace(/^Uncaught (?:\(in promise\) )?/, ""));
    if (header !== null && (current === null || (inMembers && (isFirstMember || current.frames.length > 0)))) {
      current = headerCause(text.replace(/^\[(?=[A-Z])/, "").replace(/^Uncaught (?:\(in promise\) )?/, ""));
      if (chain.length === 0 && current.detail === "") current.detail = before === "" ? quoted : before;
      else if (chain.length === 0 && before !== "") current.detail = `${current.detail}\n${before}`;
      chain.push(current);
      isFirstMember = false;
      continue;
    }
    if (current === null) {
      before = appendMessageLine(before, stripLogPrefix(text));
    } else if (current.frames.length === 0) current.message = appendMessageLine(current.message, text);
    else if (current.detail.length < MAX_DETAIL_LENGTH && !/^[{}\][]+,?$/.test(text)) {
      current.detail = appendMessageLine(current.detail, text);
    }
  }
  if (chain.length === 0 && before + quoted !== "") return [{ ...emptyCause(null, before || quoted), detail: quoted }];
  return chain;
}

function headerCause(text: string): Cause {
  const clean = text.replace(/[{[]$/, "").trimEnd().replace(/\]$/, "");
  const header = splitHeader(clean);
  if (header === null) return emptyCause(null, clean.trim());
  return { ...emptyCause(header.type, header.message), detail: header.code === null ? "" : `code: '${header.code}'` };
}

function nodeFrame(text: string): Frame | null {
  if (!text.startsWith("at ")) return null;
  const inner = text
    .slice(3)
    .replace(/^async /, "")
    .replace(/(?: \{|,)$/, "");
  const evaluated = inner.indexOf(" (eval at ");
  if (evaluated >= 0) return { module: "<eval>", function: inner.slice(0, evaluated), inApp: true };
  const open = inner.endsWith(")") ? inner.lastIndexOf(" (") : -1;
  const place = open >= 0 ? inner.slice(open + 2, -1) : inner;
  if (!/:\d+(?::\d+)?$|^<anonymous>$|^native$|^index \d+$|\[eval\]/.test(place)) return null;
  const file = place.replace(/(?::\d+){1,2}$/, "").replace(/^file:\/\//, "");
  const name =
    open >= 0
      ? inner
          .slice(0, open)
          .replace(/ \[as [^\]]{1,80}\]$/, "")
          .replace(/^new /, "")
      : "<anonymous>";
  const library = file.includes("node_modules/") || /^(?:node:|internal\/|native$|<anonymous>$|\(?\[eval)/.test(file);
  const modules = file.lastIndexOf("node_modules/");
  const module = modules >= 0 ? file.slice(modules + "node_modules/".length) : file.split(/[\\/]/).slice(-2).join("/");
  return { module: module.replace(/\.[cm]?[jt]sx?$/, ""), function: name, inApp: !library };
}
