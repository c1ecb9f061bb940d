/** Damages that keep most of a JSON text readable, and break one thing in it: the text is cut into tokens and edited as a list of them. */
import { below, type Mutation, oneOf, type Random } from "./mutate-bytes.ts";

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[a-z]+|[{}[\]:,]|\s+|./gsu;

const NUMBERS = [
  "0",
  "-0",
  "-1",
  "1e999",
  "-1e999",
  "1e-999",
  "0.1",
  "9007199254740993",
  "18446744073709551615",
  "18446744073709551616",
  "-9223372036854775809",
  "1e308",
  `1${"0".repeat(400)}`,
  "01",
  "+1",
  ".5",
  "1.",
  "NaN",
  "Infinity",
  "0x10",
];
const TEXTS = [
  '""',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\ud83d\\ude00"',
  '"__proto__"',
  '"constructor"',
  '"NaN"',
  '"-Infinity"',
  '"SPAN_KIND_SERVER"',
  '"STATUS_CODE_ERROR"',
  '"SEVERITY_NUMBER_FATAL4"',
  '"exception"',
  '"exception.type"',
  '"service.name"',
  '"18446744073709551615"',
  '"18446744073709551616"',
  '"-1"',
  '"==="',
  '"\\x"',
  '"\\u12"',
  `"${"é".repeat(5_000)}"`,
  '"\\\\\\""',
];
const OTHERS = [
  "null",
  "true",
  "false",
  "{}",
  "[]",
  "[[]]",
  '[{"key":1}]',
  '{"values":{}}',
  '{"values":[null]}',
  "nul",
  "undefined",
];
const RAW = ["\u0000", "\ufeff", "\u2028", "\t", "/* */", "// \n", "'", "\\", '"', ",", "}", "]", "\r"];

const KEYS = [
  "resourceSpans",
  "resourceLogs",
  "resourceMetrics",
  "resource",
  "scopeSpans",
  "spans",
  "attributes",
  "key",
  "value",
  "values",
  "stringValue",
  "intValue",
  "doubleValue",
  "arrayValue",
  "kvlistValue",
  "bytesValue",
  "boolValue",
  "events",
  "status",
  "code",
  "kind",
  "traceId",
  "timeUnixNano",
  "endTimeUnixNano",
  "severityNumber",
  "body",
  "gauge",
  "sum",
  "dataPoints",
  "asInt",
  "asDouble",
  "flags",
  "count",
  "__proto__",
];

export const jsonMutations: Readonly<Record<string, Mutation>> = {
  "token lost": onTokens((tokens, random) => tokens.toSpliced(below(random, tokens.length), 1)),
  "token doubled": onTokens((tokens, random) => {
    const at = below(random, tokens.length);
    return tokens.toSpliced(at, 0, tokens[at] ?? "");
  }),
  "tokens swapped": onTokens((tokens, random) => {
    const [a, b] = [below(random, tokens.length), below(random, tokens.length)];
    return tokens.with(a, tokens[b] ?? "").with(b, tokens[a] ?? "");
  }),
  "value of another type": onTokens((tokens, random) => tokens.with(valueAt(tokens, random), anyValue(random))),
  "edge number": onTokens((tokens, random) => tokens.with(valueAt(tokens, random), oneOf(random, NUMBERS))),
  "edge text": onTokens((tokens, random) => tokens.with(valueAt(tokens, random), oneOf(random, TEXTS))),
  "another key": onTokens((tokens, random) => {
    const keys = tokens.flatMap((_token, index) => (tokens[index + 1] === ":" ? [index] : []));
    return keys.length === 0 ? tokens : tokens.with(oneOf(random, keys), JSON.stringify(oneOf(random, KEYS)));
  }),
  "key given twice": onTokens((tokens, random) => {
    const opened = tokens.flatMap((token, index) => (token === "{" ? [index] : []));
    if (opened.length === 0) return tokens;
    const comma = tokens[0] === "}" ? "" : ",";
    return tokens.toSpliced(oneOf(random, opened) + 1, 0, `"${oneOf(random, KEYS)}":${anyValue(random)}${comma}`);
  }),
  "raw text inserted": onTokens((tokens, random) =>
    tokens.toSpliced(below(random, tokens.length), 0, oneOf(random, RAW)),
  ),
  "nested deep": onTokens((tokens, random) => {
    const depth = below(random, 200);
    const [open, close] = oneOf(random, [
      ["[", "]"],
      ['{"arrayValue":{"values":[', "]}}"],
      ['{"kvlistValue":{"values":[{"key":"k","value":', "}]}}"],
    ] as const);
    const closed = random() < 0.8 ? depth : below(random, depth + 1);
    return tokens.with(
      valueAt(tokens, random),
      `${open.repeat(depth)}${random() < 0.5 ? "" : "{}"}${close.repeat(closed)}`,
    );
  }),
  "brackets never closed": onTokens((tokens, random) => [
    ...tokens,
    oneOf(random, ["[", "{", '{"a":'] as const).repeat(below(random, 500)),
  ]),
  "byte order mark in front": (body) => Buffer.concat([Uint8Array.of(0xef, 0xbb, 0xbf), body]),
  "written as UTF-16": (body) => Buffer.from(Buffer.from(body).toString(), "utf16le"),
  "invalid UTF-8 in a text": (body, _other, random) => {
    const at = body.indexOf(0x22, below(random, body.length + 1));
    const bad = oneOf<readonly number[]>(random, [
      [0xff],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xc0, 0xaf],
    ]);
    return Buffer.concat([body.subarray(0, at + 1), Uint8Array.from(bad), body.subarray(at + 1)]);
  },
  "white space everywhere": onTokens((tokens, random) =>
    tokens.flatMap((token) => [token, oneOf(random, ["", " ", "\n", "\t\r "])]),
  ),
  "every character escaped": onTokens((tokens) =>
    tokens.map((token) => (/^"[a-zA-Z.]+"$/.test(token) ? escaped(token) : token)),
  ),
};

function onTokens(edit: (tokens: string[], random: Random) => string[]): Mutation {
  return (body, _other, random) => {
    const tokens = Buffer.from(body).toString().match(TOKEN);
    return tokens === null ? body : Buffer.from(edit([...tokens], random).join(""));
  };
}

/** where a value stands; any place when the text has none */
function valueAt(tokens: readonly string[], random: Random): number {
  const values = tokens.flatMap((token, index) =>
    /^["\d\-tfn]/.test(token) && tokens[index + 1] !== ":" ? [index] : [],
  );
  return values.length === 0 ? below(random, tokens.length) : oneOf(random, values);
}

const anyValue = (random: Random): string => oneOf(random, [NUMBERS, TEXTS, OTHERS][below(random, 3)] ?? OTHERS);

/** `"a"` → `"\u0061"`, which means the same */
function escaped(text: string): string {
  const inner = [...text.slice(1, -1)].map(
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${inner.join("")}"`;
}
