import { describe, expect, it } from "vitest";
import { addVendorCodes } from "../../../models/classifier/vendor-codes.ts";

function codesIn(text: string): string[] {
  const codes = new Set<string>();
  addVendorCodes(text, codes);
  return [...codes];
}

describe("codes that vendors print", () => {
  it.each([
    ["Code: 159. DB::Exception: Timeout exceeded: elapsed 30.1 seconds", ["clickhouse:159"]],
    ["DB2 SQL Error: SQLCODE=-911, SQLSTATE=40001, SQLERRMC=68", ["db2:-911"]],
    ["[LDAP: error code 49 - Invalid Credentials]", ["ldap:49"]],
    ["ldap_bind: Invalid credentials (49)", ["ldap:49"]],
    ["ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1)", []],
    ["SSL routines::sslv3 alert handshake failure: SSL alert number 40", ["tls:40"]],
    ["channel error; protocol method: #method<channel.close>(reply-code=404, reply-text=NOT_FOUND)", ["amqp:404"]],
    ["MongoServerError: WriteConflict { code: 112, codeName: 'WriteConflict' }", ["mongo:112"]],
    ["Unhandled exception at 0xC0000005: access violation", ["ntstatus:0xc0000005"]],
    ["COMException (0x80070005): Access is denied.", ["hresult:0x80070005"]],
    ["dial tcp: WSAECONNREFUSED", ["errno:ECONNREFUSED"]],
    ["[WinError 10061] No connection could be made", ["errno:ECONNREFUSED"]],
    ["System.Net.Sockets.SocketException (10060): timed out", ["errno:ETIMEDOUT"]],
  ])("are read from %s", (text, codes) => {
    expect(codesIn(text)).toEqual(codes);
  });

  it.each([
    "Code: 159 in the manual, without the server's mark",
    "at 0x7ffd1a2b3c4d in main",
    "0x12345678 is an address, not a status",
    "WSAUNKNOWNTHING",
    "order (10999) was not found",
    "alert raised by number 40",
    "",
  ])("are not read into %s", (text) => {
    expect(codesIn(text)).toEqual([]);
  });
});
