/** Runtimes with one short form each, innermost call first in all of them:
 *  - Lua: `lua: file.lua:1: message`, `stack traceback:`, `\tfile.lua:1: in function 'name'`
 *  - Haskell: `program: message`, `CallStack (from HasCallStack):`, `  name, called at File.hs:1:2 in package:Module`
 *  - Dart: `Unhandled exception:`, `Type: message`, `#0      Class.method (package:app/file.dart:1:2)`
 *  - R: `Error in call : message`, `Calls: outer -> inner`
 *  - Swift: `Fatal error: message: file Module/File.swift, line 1` or `Module/File.swift:1: Fatal error: message` */
import { type Cause, emptyCause, type Frame } from "../parsed-error.ts";
import { appendMessageLine, splitHeader, stripLogPrefix } from "./trace-lines.ts";

export function parseLuaTrace(lines: readonly string[]): Cause[] {
  const cause = emptyCause(null, "");
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text === "stack traceback:") continue;
    const called = /^(\S{1,300}): in (?:(?:function|upvalue|local|method|field|metamethod|global) )?(.{1,200})$/.exec(
      text,
    );
    if (called !== null) {
      const file = called[1]!.replace(/:\d+$/, "");
      const name = called[2]!.replace(/^['<]|['>]$/g, "");
      const inApp = file !== "[C]" && !/\/(?:share|lib)\/lua\//.test(file);
      cause.frames.push({ module: moduleOf(file, /\.lua$/), function: name, inApp });
    } else if (cause.frames.length === 0) {
      const own = cause.message === "" ? withoutPlace(stripLogPrefix(text).replace(/^lua[\d.]{0,5}: /, "")) : text;
      cause.message = appendMessageLine(cause.message, own);
    }
  }
  return cause.message === "" ? [] : [cause];
}

export function parseHaskellTrace(lines: readonly string[]): Cause[] {
  const cause = emptyCause(null, "");
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text.startsWith("CallStack (from ")) continue;
    const called = /^(\S{1,200}), called at (\S{1,300}):\d+:\d+ in (\S{1,200})$/.exec(text);
    if (called !== null) {
      const [packageName = "", module = ""] = called[3]!.split(":");
      cause.frames.push({ module, function: called[1]!, inApp: packageName === "main" });
    } else if (cause.frames.length === 0) {
      cause.message = appendMessageLine(cause.message, cause.message === "" ? stripLogPrefix(text) : text);
    }
  }
  return cause.message === "" ? [] : [cause];
}

export function parseDartTrace(lines: readonly string[]): Cause[] {
  let cause: Cause | null = null;
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text === "Unhandled exception:" || text === "<asynchronous suspension>") continue;
    const called = /^#\d+ +(.{1,300}) \(((?:package|dart|file):[^()]{1,300})\)$/.exec(text);
    if (called !== null) {
      if (cause !== null) cause.frames.push(dartFrame(called[1]!, called[2]!));
    } else if (cause === null) {
      const header = splitHeader(stripLogPrefix(text));
      cause = header === null ? emptyCause(null, stripLogPrefix(text)) : emptyCause(header.type, header.message);
    } else if (cause.frames.length === 0) cause.message = appendMessageLine(cause.message, text);
  }
  return cause === null ? [] : [cause];
}

export function parseRTrace(lines: readonly string[]): Cause[] {
  const cause = emptyCause(null, "");
  for (const line of lines) {
    const text = line.trim();
    if (text === "" || text === "Execution halted") continue;
    if (text.startsWith("Calls: ")) {
      const calls = text.slice("Calls: ".length).split(" -> ").reverse();
      cause.frames.push(...calls.map((name): Frame => ({ module: "", function: name, inApp: true })));
    } else if (cause.frames.length === 0) {
      if (/^Error in .{1,200}? : /.test(text)) cause.type = "simpleError";
      cause.message = appendMessageLine(cause.message, cause.message === "" ? stripLogPrefix(text) : text);
    }
  }
  return cause.message === "" ? [] : [cause];
}

export function parseSwiftTrace(lines: readonly string[]): Cause[] {
  const cause = emptyCause("Fatal error", "");
  for (const line of lines) {
    const text = line.trim();
    const fatal = /^(?:(\S{1,300}\.swift):\d+: )?Fatal error: (.*)$/.exec(text);
    if (fatal !== null) {
      const placed = /^(.*): file (\S{1,300}\.swift), line \d+$/.exec(fatal[2]!);
      cause.message = placed?.[1] ?? fatal[2]!;
      const file = fatal[1] ?? placed?.[2];
      if (file !== undefined) cause.frames.push({ module: moduleOf(file, /\.swift$/), function: "", inApp: true });
    } else if (text !== "") cause.detail = appendMessageLine(cause.detail, text);
  }
  return cause.message === "" ? [] : [cause];
}

function dartFrame(name: string, place: string): Frame {
  const file = place.replace(/(?::\d+){1,2}$/, "");
  return {
    module: file.replace(/^package:/, "").replace(/\.dart$/, ""),
    function: name.replace(/\.<anonymous closure>/g, ""),
    inApp: !file.startsWith("dart:") && !file.startsWith("package:flutter"),
  };
}

function moduleOf(file: string, ending: RegExp): string {
  return file.split("/").slice(-2).join("/").replace(ending, "");
}

function withoutPlace(text: string): string {
  return text.replace(/^\S{1,300}\.lua:\d{1,7}: /, "");
}
