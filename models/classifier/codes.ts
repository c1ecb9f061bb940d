/** Codes in an error, each in its own space: `http:503`, `grpc:UNAVAILABLE`, `sqlstate:57014`, `errno:ECONNREFUSED`, `exit:137`,
 *  `signal:SIGSEGV`, `mysql:1205`, `oracle:ORA-00060`, `curl:28`, `smtp:5.1.1`, `jsonrpc:-32601`, and those of
 *  vendor-codes.ts. From attributes and from text.
 *  Sources: errno(3) of Linux and of macOS/Windows where names agree, signal(7), RFC 9110 section 15, google.rpc.Code, RFC 3463. */
import type { AttributeValue } from "../telemetry/records.ts";
import { addVendorCodes } from "./vendor-codes.ts";

/** Every space that a code may be of. */
export const CODE_SPACES: readonly string[] =
  "http grpc sqlstate errno exit signal mysql mssql oracle sqlite db2 clickhouse mongo ldap tls amqp curl smtp jsonrpc ntstatus hresult".split(
    " ",
  );

const ERRNO_NAMES = (
  "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR " +
  "EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS " +
  "ENOTEMPTY ELOOP"
).split(" ");
const ERRNO_BY_NUMBER: Readonly<Record<number, string>> = Object.fromEntries([
  ...ERRNO_NAMES.map((name, index) => [index + 1, name]),
  ...Object.entries({
    61: "ENODATA", 62: "ETIME", 71: "EPROTO", 74: "EBADMSG", 75: "EOVERFLOW", 84: "EILSEQ", 87: "EUSERS", 88: "ENOTSOCK", 90: "EMSGSIZE",
    93: "EPROTONOSUPPORT", 95: "EOPNOTSUPP", 97: "EAFNOSUPPORT", 98: "EADDRINUSE", 99: "EADDRNOTAVAIL", 100: "ENETDOWN", 101: "ENETUNREACH",
    102: "ENETRESET", 103: "ECONNABORTED", 104: "ECONNRESET", 105: "ENOBUFS", 106: "EISCONN", 107: "ENOTCONN", 108: "ESHUTDOWN",
    110: "ETIMEDOUT", 111: "ECONNREFUSED", 112: "EHOSTDOWN", 113: "EHOSTUNREACH", 114: "EALREADY", 115: "EINPROGRESS", 116: "ESTALE",
    117: "EUCLEAN", 121: "EREMOTEIO", 122: "EDQUOT", 125: "ECANCELED",
  }).map(([number, name]) => [Number(number), name]),
]); // biome-ignore format: a table
const OTHER_NAMES =
  "ENOTFOUND EAI_AGAIN EAI_NONAME EAI_FAIL ENOTSUP ESOCKETTIMEDOUT ECONNECTION EDNS EAUTH EENVELOPE EPARSE EBADCSRFTOKEN".split(
    " ",
  );
const ERRNO_SET = new Set([...Object.values(ERRNO_BY_NUMBER), ...OTHER_NAMES]);
/** Erlang prints errno as atoms; resolver failures have names of their own. */
const ATOMS: ReadonlyMap<string, string> = new Map([
  ...[...ERRNO_SET].map((name): [string, string] => [name.toLowerCase(), `errno:${name}`]),
  ["nxdomain", "errno:ENOTFOUND"],
]);

const GRPC_NAMES = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
  "UNAUTHENTICATED",
] as const; // biome-ignore format: a table
const GRPC_BY_WORD: ReadonlyMap<string, string> = new Map(
  GRPC_NAMES.flatMap((name): [string, string][] => [
    [name, name],
    [name.toLowerCase().replaceAll("_", ""), name],
  ]),
);

const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
  13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
}; // biome-ignore format: a table
const SIGNAL_NAMES = new Set(Object.values(SIGNALS));

const HTTP_REASONS: Readonly<Record<number, string>> = {
  400: "bad request", 401: "unauthorized", 402: "payment required", 403: "forbidden", 404: "not found", 405: "method not allowed",
  406: "not acceptable", 407: "proxy authentication", 408: "request time", 409: "conflict", 410: "gone", 411: "length required",
  412: "precondition failed", 413: "payload too large", 414: "uri too long", 415: "unsupported media", 416: "range not", 421: "misdirected",
  422: "unprocessable", 423: "locked", 424: "failed dependency", 425: "too early", 426: "upgrade required", 428: "precondition required",
  429: "too many requests", 431: "request header", 451: "unavailable for legal", 500: "internal server", 501: "not implemented",
  502: "bad gateway", 503: "service unavailable", 504: "gateway time", 505: "http version", 507: "insufficient storage",
  508: "loop detected", 511: "network authentication",
}; // biome-ignore format: a table

/** @param attributes of the record, by OpenTelemetry's names, new and old */
export function codesOfAttributes(attributes: Readonly<Record<string, AttributeValue>>): string[] {
  const codes: string[] = [];
  const status = Number(attributes["http.response.status_code"] ?? attributes["http.status_code"]);
  if (status >= 400 && status < 600) codes.push(`http:${status}`);
  const grpcNumber =
    attributes["rpc.grpc.status_code"] ?? attributes["rpc.response.status_code"] ?? attributes["rpc.status_code"];
  const grpc = grpcNumber === undefined ? undefined : grpcName(String(grpcNumber));
  if (grpc !== undefined && grpc !== "OK") codes.push(`grpc:${grpc}`);
  const db = attributes["db.response.status_code"];
  if (db !== undefined)
    codes.push(...databaseCodes(String(db), attributes["db.system.name"] ?? attributes["db.system"]));
  const exit = Number(attributes["process.exit.code"]);
  if (Number.isInteger(exit) && exit !== 0) codes.push(...exitCodes(exit));
  const errorType = attributes["error.type"];
  if (typeof errorType === "string") codes.push(...codesOfType(errorType));
  return [...new Set(codes)];
}

/** Codes that stand where a type is expected: `57014`, `ECONNREFUSED`, `503`, `UNAVAILABLE`. */
export function codesOfType(type: string): string[] {
  if (ERRNO_SET.has(type)) return [`errno:${type}`];
  if (/^[45]\d\d$/.test(type)) return [`http:${type}`];
  if (/^(?=.*\d)[0-9A-Z]{5}$/.test(type)) return [`sqlstate:${type}`];
  const grpc = GRPC_BY_WORD.get(type.replace(/^StatusCode\./, ""));
  return grpc === undefined ? [] : [`grpc:${grpc}`];
}

/** Codes written into a text. Every expression has a fixed head and a bounded tail.
 *  @param text at most some thousand characters
 *  @param isBeam atoms such as `econnrefused` are codes too */
export function codesOfText(text: string, isBeam = false): string[] {
  const codes = new Set<string>();
  if (/[A-Z][A-Z0-9_]{2}/.test(text)) addNames(text, codes);
  if (isBeam) {
    for (const [word] of text.matchAll(/\b(?:e[a-z0-9]{3,14}|nxdomain)\b/g)) {
      const code = ATOMS.get(word);
      if (code !== undefined) codes.add(code);
    }
  }
  const hasDigit = /\d/.test(text);
  const hasCode = /code/i.test(text);
  if (!hasDigit && !hasCode) return [...codes];
  // Most texts hold no code at all: a look for what an expression cannot do without spares running it.
  const has = (part: RegExp): boolean => part.test(text);
  if (hasDigit && has(/errno|os error|\(\d/i)) addErrnos(text, codes);
  if (has(/SQL|error \d{4}|\(\d{4}, |errno|code: ?'/i)) addDatabase(text, codes);
  if (hasDigit && has(/(?:ORA|TNS|PLS|DPY|DPI)-\d|Msg \d/)) addVendors(text, codes);
  if (hasDigit) {
    if (text.includes("1100"))
      for (const found of text.matchAll(/\bE?(11000|11001)\b/g)) codes.add(`mongo:${found[1]}`);
    if (text.includes("curl: ("))
      for (const found of text.matchAll(/\bcurl: \((\d{1,2})\)/g)) codes.add(`curl:${found[1]}`);
    const mayBeStatus = has(/[45]\d\d/);
    if (mayBeStatus) addSmtp(text, codes);
    if (text.includes("-32"))
      for (const found of text.matchAll(/(?<![\w.])-32(\d{3})\b/g)) codes.add(`jsonrpc:-32${found[1]}`);
    if (mayBeStatus) addHttp(text, codes);
  }
  addVendorCodes(text, codes);
  if (hasCode || has(/status/i)) addGrpc(text, codes);
  if (hasDigit && has(/exit|signal|(?:ended|died|left) with/i)) addExits(text, codes);
  return [...codes];
}

function addNames(text: string, codes: Set<string>): void {
  for (const [word] of text.matchAll(/\b[A-Z][A-Z0-9_]{2,20}\b/g)) {
    if (ERRNO_SET.has(word)) codes.add(`errno:${word}`);
    else if (SIGNAL_NAMES.has(word)) codes.add(`signal:${word}`);
    else if (
      word.includes("_") ||
      word === "UNAVAILABLE" ||
      word === "UNAUTHENTICATED" ||
      word === "ABORTED" ||
      word === "UNIMPLEMENTED"
    ) {
      if (GRPC_BY_WORD.has(word)) codes.add(`grpc:${word}`);
    }
  }
}

function addErrnos(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(/(?:\[Errno |os error |errno[:= ]{1,3}-?|\((?=\d{1,3}: [A-Z]))(\d{1,3})\b/gi)) {
    const name = ERRNO_BY_NUMBER[Number(found[1])];
    if (name !== undefined) codes.add(`errno:${name}`);
  }
}

function addDatabase(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(/SQL ?STATE[\]:=( [']{1,3}([0-9A-Z]{5})\b/gi))
    codes.add(`sqlstate:${found[1]!.toUpperCase()}`);
  for (const found of text.matchAll(/\bcode: ?'([0-9A-Z_]{3,40})'/g))
    for (const code of codesOfType(found[1]!)) codes.add(code);
  for (const found of text.matchAll(/\berror (\d{4}) \(([0-9A-Z]{5})\)/gi)) {
    codes.add(`mysql:${found[1]}`);
    codes.add(`sqlstate:${found[2]}`);
  }
  for (const found of text.matchAll(/(?:^|\W)\((\d{4}), ["'u]|\bMySQL error (\d{4})|\berrno[:= ]{1,2}(\d{4})\b/gi)) {
    codes.add(`mysql:${found[1] ?? found[2] ?? found[3]}`);
  }
}

function addVendors(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(/\b(?:ORA|TNS|PLS|DPY|DPI)-\d{4,5}\b/g)) codes.add(`oracle:${found[0]}`);
  for (const found of text.matchAll(/\bMsg (\d{2,5}), Level \d/g)) codes.add(`mssql:${found[1]}`);
}

function addSmtp(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(/\b([45]\d\d)[ ,-]{1,3}b?['"]?([45]\.\d{1,2}\.\d{1,3})\b/g)) {
    codes.add(`smtp:${found[2]}`);
    codes.add(`smtp:${found[1]}`);
  }
}

const HTTP_LEAD =
  /\b(?:status(?:[ _]?code)?|http(?:\/\d(?:\.\d)?)?(?: status| error)?|response(?: code| status)?|answered|answers|responded|replied|returned|error|with)["']?(?:[:= (]{1,3}| with | an? )((?:http )?[45]\d\d)(?![\w.%])/gi;

/** Status and size in the logs of servers: `"GET / HTTP/1.1" 502 157 "-"`, and HAProxy's `0/0/-1/-1/3 503 217 - - SC--`. */
const ACCESS_LOG = /(?:" |\/\d{1,9} )([45]\d\d) \d{1,12} (?:"|- - )/g;

function addHttp(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(HTTP_LEAD)) codes.add(`http:${found[1]!.slice(-3)}`);
  for (const found of text.matchAll(ACCESS_LOG)) codes.add(`http:${found[1]}`);
  for (const found of text.matchAll(/(?<![\w.])([45]\d\d)[):,]{0,2} (?=[A-Za-z])/g)) {
    const after = text.slice(found.index + found[0].length, found.index + found[0].length + 24).toLowerCase();
    const reason = HTTP_REASONS[Number(found[1])];
    if ((reason !== undefined && after.startsWith(reason)) || /^(?:client|server) error/.test(after))
      codes.add(`http:${found[1]}`);
  }
}

function addGrpc(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(/(?:\bcode ?= ?|StatusCode[.=]["']?|\bstatus: |\bgrpc status )(\w{2,20})/gi)) {
    const name = grpcName(found[1]!);
    if (name !== undefined && name !== "OK") codes.add(`grpc:${name}`);
  }
}

function addExits(text: string, codes: Set<string>): void {
  for (const found of text.matchAll(
    /\b(?:exit(?:ed)?(?: with)?[ _-]?(?:code|status)?|(?:ended|died|left) with (?:code|status))(?: was| of)?[:= (]{1,3}(\d{1,3})\b/gi,
  )) {
    for (const code of exitCodes(Number(found[1]))) codes.add(code);
  }
  for (const found of text.matchAll(/\bsignal[:= #]{1,3}(\d{1,2})\b/gi)) {
    const name = SIGNALS[Number(found[1])];
    if (name !== undefined) codes.add(`signal:${name}`);
  }
}

/** Shells and container runtimes report death by signal n as 128 + n. */
function exitCodes(exit: number): string[] {
  const signal = exit > 128 && exit < 128 + 65 ? SIGNALS[exit - 128] : exit < 0 ? SIGNALS[-exit] : undefined;
  return signal === undefined ? [`exit:${exit}`] : [`exit:${exit}`, `signal:${signal}`];
}

/** `db.system.name`, new and old → the space of the numbers that this server answers with. */
const DATABASE_SPACES: Readonly<Record<string, string>> = {
  mysql: "mysql", mariadb: "mysql", mssql: "mssql", "microsoft.sql_server": "mssql", sqlite: "sqlite", db2: "db2", "ibm.db2": "db2",
  clickhouse: "clickhouse", mongodb: "mongo",
}; // biome-ignore format: a table

function databaseCodes(code: string, system: AttributeValue | undefined): string[] {
  const space = typeof system === "string" ? DATABASE_SPACES[system] : undefined;
  if (space !== undefined && /^-?\d{1,5}$/.test(code)) return [`${space}:${code}`];
  if (/^\d{4}$/.test(code)) return [`mysql:${code}`];
  if (/^[0-9A-Z]{5}$/.test(code)) return [`sqlstate:${code}`];
  if (/^ORA-/.test(code)) return [`oracle:${code}`];
  if (/^[45]\d\d$/.test(code)) return [`http:${code}`];
  return codesOfText(code);
}

function grpcName(value: string): string | undefined {
  if (/^\d{1,2}$/.test(value)) return GRPC_NAMES[Number(value)];
  return GRPC_BY_WORD.get(value) ?? GRPC_BY_WORD.get(value.toLowerCase().replaceAll("_", ""));
}
