/** Codes that servers, libraries and systems print with a mark of their own: `clickhouse:159`, `db2:-911`, `ldap:49`, `tls:40`, `amqp:404`,
 *  `mongo:112`, `ntstatus:0xc0000005`, `hresult:0x80070005`, and Winsock numbers as the errno that they mean.
 *  Sources: ClickHouse ErrorCodes.cpp, Db2 message reference, RFC 4511 appendix A, RFC 8446 section 6, AMQP 0-9-1 section 1.2,
 *  MongoDB error_codes.yml, [MS-ERREF]. Every expression has a fixed head and a bounded tail. */

/** Winsock error number → the errno of the same meaning. */
const WINSOCK: Readonly<Record<number, string>> = {
  10013: "EACCES", 10024: "EMFILE", 10048: "EADDRINUSE", 10049: "EADDRNOTAVAIL", 10050: "ENETDOWN", 10051: "ENETUNREACH",
  10052: "ENETRESET", 10053: "ECONNABORTED", 10054: "ECONNRESET", 10055: "ENOBUFS", 10057: "ENOTCONN", 10058: "ESHUTDOWN",
  10060: "ETIMEDOUT", 10061: "ECONNREFUSED", 10064: "EHOSTDOWN", 10065: "EHOSTUNREACH", 11001: "ENOTFOUND", 11002: "EAI_AGAIN",
  11003: "EAI_FAIL", 11004: "ENOTFOUND",
}; // biome-ignore format: a table
const WINSOCK_NAMES = new Map(Object.values(WINSOCK).map((name) => [`WSA${name}`, name]));

interface Reader {
  /** what a text must hold for the expression to be worth running */
  mark: string;
  expression: RegExp;
  code: (found: RegExpMatchArray) => string | undefined;
}

const READERS: readonly Reader[] = [
  { mark: "DB::", expression: /\bCode: (\d{1,4})\.? (?=.{0,60}DB::)/g, code: ([, number]) => `clickhouse:${number}` },
  { mark: "SQLCODE", expression: /\bSQLCODE[=: ]{1,3}(-\d{2,5})\b/g, code: ([, number]) => `db2:${number}` },
  {
    mark: "LDAP",
    expression: /\bLDAP(?: Result Code |: error code | error |.{0,30}?error code )(\d{1,2})\b/g,
    code: ([, number]) => `ldap:${number}`,
  },
  {
    mark: "ldap_",
    expression: /\bldap_\w{2,20}: [\w' -]{2,60}\((-?\d{1,2})\)/g,
    code: ([, number]) => `ldap:${number}`,
  },
  { mark: "alert number", expression: /\balert number (\d{1,3})\b/g, code: ([, number]) => `tls:${number}` },
  {
    mark: "reply-code",
    expression: /\breply-code[=: ]{1,3}(\d{3})\b/g,
    code: ([, number]) => `amqp:${number}`,
  },
  {
    mark: "Mongo",
    expression: /\bMongo\w{0,40}.{0,400}?\bcode["']?[:=] {0,2}(\d{1,5})\b/gs,
    code: ([, number]) => `mongo:${number}`,
  },
  {
    mark: "0x",
    expression: /\b0x([0-9a-fA-F]{8})\b/g,
    code: ([, digits]) => {
      const value = digits!.toLowerCase();
      if (value.startsWith("c0")) return `ntstatus:0x${value}`;
      return value.startsWith("80") ? `hresult:0x${value}` : undefined;
    },
  },
  {
    mark: "WSA",
    expression: /\bWSA[A-Z_]{4,20}\b/g,
    code: ([name]) => (WINSOCK_NAMES.has(name) ? `errno:${WINSOCK_NAMES.get(name)}` : undefined),
  },
  {
    mark: "1",
    expression: /(?:\bWinError |\bWinsock |\bsocket error |\bsocket error # ?|\berror code |[[(])(1[01]0\d\d)\b/gi,
    code: ([, number]) => {
      const name = WINSOCK[Number(number)];
      return name === undefined ? undefined : `errno:${name}`;
    },
  },
];

export function addVendorCodes(text: string, codes: Set<string>): void {
  for (const { mark, expression, code } of READERS) {
    if (!text.includes(mark)) continue;
    for (const found of text.matchAll(expression)) {
      const own = code(found);
      if (own !== undefined) codes.add(own);
    }
  }
}
