/** What decides the class of an error, without what varies from one occurrence to the next: messages are reduced to their templates,
 *  codes are those of the full text. All errors of one gist get one verdict, whoever merges them and in whatever order, and the verdict
 *  of a gist can be remembered.
 *
 *  To the network the gist is the same as the error: its tokens are made of templates, codes, types and frames. To the rules it is the
 *  same but for phrases that hold a number. */
import type { MakeTemplate } from "./fingerprint.ts";
import type { Frame } from "./parsed-error.ts";
import { type ErrorCauses, type ReadError, withCodes } from "./read-error.ts";

export interface ErrorGist {
  /** one text per gist */
  key: string;
  error: ReadError;
}

/** @param framesKey names the frames of a cause; a caller that has seen them before need not write them out again
 *  @param template `messageTemplate`, or one that remembers */
export function gistOf(
  causes: ErrorCauses,
  framesKey: (frames: readonly Frame[]) => string,
  template: MakeTemplate,
): ErrorGist {
  const full = withCodes(causes);
  const chain = full.chain.map((cause) => ({
    ...cause,
    message: template(cause.message),
    detail: cause.detail === "" ? "" : template(cause.detail),
  }));
  const error: ReadError = {
    ...full,
    context: full.context === "" ? "" : template(full.context),
    severityText: null,
    chain,
    // As many as there are causes.
    root: chain.at(-1)!,
  };
  const parts = [error.exceptionType ?? "", error.context, error.attributeCodes.join(" ")];
  for (const { type, message, detail, codes, frames } of chain)
    parts.push(type ?? "", message, detail, codes.join(" "), framesKey(frames));
  return { key: parts.join("\u0000"), error };
}
