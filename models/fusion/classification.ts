/** What a classification says: the verdict, and every voice's vote with its reasons. */
import type { Novelty } from "../drift/novelty.ts";
import type { Severity } from "../taxonomy/class-guide.ts";
import type { ErrorClass, ErrorVerdict } from "../taxonomy/classes.ts";

/** One voice's opinion. Absent (null) when the voice has nothing to say. */
export interface Vote {
  class: ErrorClass;
  /** this voice's own probability of `class`, in [0, 1] */
  probability: number;
  /** probabilities by class that are not negligible (>= 0.01); they sum to at most 1 */
  distribution: Partial<Record<ErrorClass, number>>;
}

export interface TokenWeight {
  /** readable name of the token, e.g. `type:sql`, `word:timed out`, `code:sqlstate:57014` */
  token: string;
  /** share in the log-odds of the class against the mean of all classes, natural logarithm */
  weight: number;
}

export interface Explanation {
  /** one sentence that a person can read */
  sentence: string;
  /** the strongest rule that fired, and the words of the error that it matched */
  rule?: { id: string; matched: string[]; source: "operator" | "shipped" };
  /** the heaviest tokens, heaviest first, then `(other tokens)` and `(bias)`: together exactly the model's log-odds */
  tokens?: TokenWeight[];
  /** the cause in the chain that decided, when the record shows a chain */
  rootCause?: { type: string | null; message: string };
  /** the remembered label that spoke */
  memory?: { fingerprint: string; class: ErrorClass; similarity: number; operators: number };
}

/** The rung of the ladder that answered. */
export type ClassificationStep = "full" | "rules_only";

export interface Classification {
  class: ErrorVerdict;
  /** calibrated probability of the most likely class, also when the answer abstains */
  probability: number;
  abstained: boolean;
  severity: Severity;
  retryable: boolean;
  fingerprint: string;
  votes: { rules: Vote | null; model: Vote | null; memory: Vote | null };
  explanation: Explanation;
  recommendedActions: string[];
  step: ClassificationStep;
  /** how unlike training the error is; null where the model does not state what it was trained on */
  novelty: Novelty | null;
  modelVersion: string | null;
}
