/** One entry of the rule table. A rule fires on a cause when one of its types, codes, phrases or frames is found there, and, where
 *  `with` is given, one of these phrases too. Adding a rule is one entry with one example, which a test runs: the whole table must give
 *  the example the rule's class. */
import type { Severity } from "../taxonomy/class-guide.ts";
import type { ErrorClass } from "../taxonomy/classes.ts";

export interface Rule {
  /** kebab-case, stable: operators' agreement is remembered under it */
  id: string;
  class: ErrorClass;
  /** operators' own rules outrank those that ship: any cause of the chain counts fully */
  origin?: "operator";
  /** prior probability in (0, 1) that the class is right when the rule fires: about .95 for a code with one meaning, .8 for a clear
   *  phrase, .6 for a hint */
  strength: number;
  /** simple (`SocketTimeoutException`) or qualified (`java.net.SocketTimeoutException`) names, `*` at either end. Those without `*` are also
   *  found within messages: `(NoSuchKey)`, `ER_DUP_ENTRY` */
  types?: readonly string[];
  /** `space:value` of models/classifier/codes.ts; `*` at the end */
  codes?: readonly string[];
  /** lower-case words; blanks also match `_` and `-`; ` * ` allows up to 120 characters between two parts, and a `*` at the end of a word
   *  any ending of it */
  phrases?: readonly string[];
  /** substrings of `module.function` of one of the nearest frames */
  frames?: readonly string[];
  /** fires only when one of these phrases is found in the same cause too */
  with?: readonly string[];
  /** does not fire when one of these phrases is found in the same cause */
  without?: readonly string[];
  severity?: Severity;
  retryable?: boolean;
  /** what to do first, when it is more precise than the class's own advice */
  advice?: string;
  /** errors on which this rule fires and to which the whole table gives its class; a text alone is the body of a log record */
  examples: readonly [RuleExample, ...RuleExample[]];
  /** errors that look alike and are of another class; every rule of strength below .7 shows one */
  notOn?: readonly CounterExample[];
}

export type RuleExample = string | ExampleError;

interface ExampleError {
  type?: string;
  message?: string;
  attributes?: Record<string, string | number>;
  language?: string;
  stacktrace?: string;
}

export interface CounterExample extends ExampleError {
  /** the class that the whole table gives it */
  is: ErrorClass;
}
