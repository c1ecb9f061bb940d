import { describe, expect, it } from "vitest";
import { codesOfAttributes, codesOfText, codesOfType } from "../../../models/classifier/codes.ts";

describe("codes", () => {
  it.each([
    ["connect ECONNREFUSED 10.0.0.1:80", ["errno:ECONNREFUSED"]],
    ["[Errno 13] Permission denied", ["errno:EACCES"]],
    ["No space left (os error 28)", ["errno:ENOSPC"]],
    ["connect() failed (111: Connection refused)", ["errno:ECONNREFUSED"]],
    ["SQLSTATE[23505]: Unique violation", ["sqlstate:23505"]],
    ["ERROR 1045 (28000): Access denied", ["mysql:1045", "sqlstate:28000"]],
    ["(1213, 'Deadlock found')", ["mysql:1213"]],
    ["ORA-00060: deadlock detected", ["oracle:ORA-00060"]],
    ["Request failed with status code 503", ["http:503"]],
    ["503 Service Unavailable", ["http:503"]],
    ["rpc error: code = Unavailable desc = x", ["grpc:UNAVAILABLE"]],
    ["14 UNAVAILABLE: draining", ["grpc:UNAVAILABLE"]],
    ["exited with code 139", ["exit:139", "signal:SIGSEGV"]],
    ["died with <Signals.SIGKILL: 9>", ["signal:SIGKILL"]],
    ["curl: (28) Operation timed out", ["curl:28"]],
    ["moved 503 boxes", []],
  ])("reads %j", (text, codes) => {
    expect(codesOfText(text)).toEqual(codes);
  });

  it("reads errno atoms only on the BEAM", () => {
    expect(codesOfText("{badmatch,{error,enospc}}", true)).toEqual(["errno:ENOSPC"]);
    expect(codesOfText("{badmatch,{error,enospc}}")).toEqual([]);
  });

  it("reads attributes by their new and old names", () => {
    expect(codesOfAttributes({ "http.response.status_code": 429 })).toEqual(["http:429"]);
    expect(codesOfAttributes({ "http.status_code": "404" })).toEqual(["http:404"]);
    expect(codesOfAttributes({ "rpc.grpc.status_code": 4 })).toEqual(["grpc:DEADLINE_EXCEEDED"]);
    expect(codesOfAttributes({ "db.response.status_code": "40P01" })).toEqual(["sqlstate:40P01"]);
    expect(codesOfAttributes({ "process.exit.code": 137 })).toEqual(["exit:137", "signal:SIGKILL"]);
  });

  it("reads codes that stand where a type is expected", () => {
    expect(codesOfType("57014")).toEqual(["sqlstate:57014"]);
    expect(codesOfType("ECONNRESET")).toEqual(["errno:ECONNRESET"]);
    expect(codesOfType("Error")).toEqual([]);
  });
});
