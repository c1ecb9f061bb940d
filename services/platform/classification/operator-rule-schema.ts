/** What an operators' rule may hold. Messages follow the name of the field: `rules[0].class is "timout"; allowed are …`. */
import { z } from "zod";
import { CODE_SPACES } from "../../../models/classifier/codes.ts";
import { phraseProblem } from "../../../models/rules/phrase-pattern.ts";
import { SEVERITIES } from "../../../models/taxonomy/class-guide.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";

const MAX_LIST = 500;
const MAX_TEXT = 500;
const MAX_EXAMPLE = 20_000;

const shown = (value: unknown): string =>
  value === undefined ? "is missing" : `is ${JSON.stringify(value)?.slice(0, 60)}`;

function text(max = MAX_TEXT) {
  return z
    .string({ error: ({ input }) => `${shown(input)}; it must be a text` })
    .min(1, { error: "is empty" })
    .max(max, { error: `is longer than ${max} characters` });
}

function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: ({ input }) => `${shown(input)}; allowed are ${values.join(", ")}` });
}

function list(item: z.ZodType<string>) {
  return z
    .array(item, { error: ({ input }) => `${shown(input)}; it must be a list of texts` })
    .min(1, { error: "is an empty list" })
    .max(MAX_LIST, { error: `has more than ${MAX_LIST} entries` });
}

const phrase = text().superRefine((written, context) => {
  const problem = phraseProblem(written);
  if (written !== "" && problem !== null)
    context.addIssue({ code: "custom", message: `is ${JSON.stringify(written)}: ${problem}` });
});

const code = text().superRefine((written, context) => {
  const [space = "", value = ""] = written.split(/:(.*)/s);
  if (value !== "" && CODE_SPACES.includes(space)) return;
  context.addIssue({
    code: "custom",
    message: `is ${JSON.stringify(written)}; it must be space:value, with one of the spaces ${CODE_SPACES.join(", ")}`,
  });
});

const type = text().refine((written) => !/\s/.test(written) && !/^\**$/.test(written) && !/.\*./.test(written), {
  error: ({ input }) => `is ${JSON.stringify(input)}; it must be the name of a type, with * only at its ends`,
});

const fields = {
  type: text().optional(),
  message: text(MAX_EXAMPLE).optional(),
  stacktrace: text(MAX_EXAMPLE).optional(),
  language: text().optional(),
  attributes: z
    .record(z.string(), z.union([z.string(), z.number()]), {
      error: ({ input }) => `${shown(input)}; it must be a map of texts and numbers`,
    })
    .optional(),
};

const unknownKeys =
  (names: readonly string[]) =>
  (issue: { code?: string | undefined; keys?: unknown; input?: unknown }): string =>
    issue.code === "unrecognized_keys" && Array.isArray(issue.keys)
      ? `has the unknown ${issue.keys.length === 1 ? "key" : "keys"} ${issue.keys.join(", ")}; allowed are ${names.join(", ")}`
      : `${shown(issue.input)}; it must be a map of ${names.join(", ")}`;

const exampleMap = z
  .strictObject(fields, { error: unknownKeys(Object.keys(fields)) })
  .refine((example) => Object.values(example).some((value) => value !== undefined), { error: "says nothing" });

const counterExample = z.strictObject(
  { ...fields, is: choice(ERROR_CLASSES) },
  { error: unknownKeys([...Object.keys(fields), "is"]) },
);

const ruleFields = {
  id: text(80).regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, {
    error: ({ input }) => `is ${JSON.stringify(input)}; it must be lower-case words with hyphens`,
  }),
  class: choice(ERROR_CLASSES),
  types: list(type).optional(),
  codes: list(code).optional(),
  phrases: list(phrase).optional(),
  frames: list(text()).optional(),
  with: list(phrase).optional(),
  without: list(phrase).optional(),
  severity: choice(SEVERITIES).optional(),
  retryable: z.boolean({ error: ({ input }) => `${shown(input)}; allowed are true and false` }).optional(),
  advice: text().optional(),
  example: z.union([text(MAX_EXAMPLE), exampleMap], {
    error: ({ input }) => `${shown(input)}; it must be a text, or a map of ${Object.keys(fields).join(", ")}`,
  }),
  notOn: z.array(counterExample, { error: ({ input }) => `${shown(input)}; it must be a list of maps` }).optional(),
};

const rule = z
  .strictObject(ruleFields, { error: unknownKeys(Object.keys(ruleFields)) })
  .refine(({ types, codes, phrases, frames }) => [types, codes, phrases, frames].some((own) => own !== undefined), {
    error: "matches nothing: it needs types, codes, phrases or frames",
  });

export type WrittenRule = z.infer<typeof rule>;

export const OPERATOR_RULES_SCHEMA = z.strictObject(
  { rules: z.array(rule, { error: ({ input }) => `${shown(input)}; it must be a list of rules` }) },
  { error: unknownKeys(["rules"]) },
);
