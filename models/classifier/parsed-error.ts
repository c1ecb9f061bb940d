/** What the trace parsers make of an error, whatever runtime printed it. */

export type Runtime =
  | "jvm"
  | "python"
  | "node"
  | "go"
  | "rust"
  | "dotnet"
  | "ruby"
  | "php"
  | "beam"
  | "native"
  | "perl"
  | "lua"
  | "haskell"
  | "dart"
  | "r"
  | "swift"
  | "plain";

export interface Frame {
  /** class, module or file, without line numbers and addresses */
  module: string;
  function: string;
  /** a guess: the frame is of the program itself, not of its runtime or of a library */
  inApp: boolean;
}

/** One link of a chain of causes. */
export interface Cause {
  /** as printed, qualified where the runtime does so; null for plain text */
  type: string | null;
  message: string;
  /** innermost call first */
  frames: Frame[];
  /** what was printed beside the message and may hold codes: properties, hints; empty when nothing was */
  detail: string;
}

export interface ParsedTrace {
  runtime: Runtime;
  /** outermost first, so the last one is the root; empty when the text holds no error that could be told from other text */
  chain: Cause[];
}

export function emptyCause(type: string | null, message: string): Cause {
  return { type, message, frames: [], detail: "" };
}
