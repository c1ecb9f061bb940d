(* Faults of an OCaml tariff engine. *)
let n = Sys.getenv "LAB_N"
let dir = Sys.getenv "LAB_DIR"
exception Tariff_unknown of string
exception Not_entitled of string
exception Superseded of string
exception Upstream_closed of string
exception Allowance_spent of string
type zone = Inner | Outer
let address name = match String.split_on_char ':' (Sys.getenv name) with
  | [ h; p ] -> Unix.ADDR_INET (Unix.inet_addr_of_string h, int_of_string p)
  | _ -> failwith name
let connect name = let s = Unix.socket Unix.PF_INET Unix.SOCK_STREAM 0 in Unix.connect s (address name); s
let rec deep x = 1 + deep (x + 1)
let talk name = let s = connect name in
  ignore (Unix.write_substring s "hello" 0 5); Unix.sleepf 0.1;
  if Unix.read s (Bytes.create 9) 0 9 = 0 then raise End_of_file
let faults : (string * (unit -> unit)) list = [
  (* fault connect-refused: connectivity *)
  "connect-refused", (fun () -> ignore (connect "LAB_REFUSED"));
  (* fault peer-reset: connectivity *)
  "peer-reset", (fun () -> talk "LAB_RESET");
  (* fault peer-eof: connectivity *)
  "peer-eof", (fun () -> talk "LAB_CLOSING");
  (* fault read-silent: timeout *)
  "read-silent", (fun () -> let s = connect "LAB_SILENT" in Unix.setsockopt_float s Unix.SO_RCVTIMEO 0.2; if Unix.select [s] [] [] 0.2 = ([], [], []) then raise (Unix.Unix_error (Unix.ETIMEDOUT, "read", "")));
  (* fault feed-late: timeout *)
  "feed-late", (fun () -> failwith ("no fare feed within " ^ n ^ " ms"));
  (* fault feed-closed: dependency_unavailable *)
  "feed-closed", (fun () -> raise (Upstream_closed "fare server is loading its tables, come back later"));
  (* fault allowance: rate_limited *)
  "allowance", (fun () -> raise (Allowance_spent (n ^ " quotes an hour")));
  (* fault open-denied: access_denied *)
  "open-denied", (fun () -> ignore (open_in (dir ^ "/secret.txt")));
  (* fault unix-denied: access_denied *)
  "unix-denied", (fun () -> Unix.mkdir (dir ^ "/sealed/x") 0o755);
  (* fault kill-denied: access_denied *)
  "kill-denied", (fun () -> Unix.kill 1 Sys.sigterm);
  (* fault not-entitled: access_denied *)
  "not-entitled", (fun () -> raise (Not_entitled "operator 12 may not publish tariffs"));
  (* fault int-malformed: invalid_input or code_defect *)
  "int-malformed", (fun () -> ignore (int_of_string "12 EUR"));
  (* fault float-malformed: invalid_input or code_defect *)
  "float-malformed", (fun () -> ignore (float_of_string "1,99"));
  (* fault scan-malformed: invalid_input or serialization *)
  "scan-malformed", (fun () -> Scanf.sscanf "ab" "%d" ignore);
  (* fault negative-distance: invalid_input *)
  "negative-distance", (fun () -> invalid_arg "distance must not be negative");
  (* fault file-missing: not_found *)
  "file-missing", (fun () -> ignore (open_in ("/srv/data/tariff-" ^ n)));
  (* fault unix-missing: not_found *)
  "unix-missing", (fun () -> ignore (Unix.opendir ("/srv/data/" ^ n)));
  (* fault tariff-unknown: not_found *)
  "tariff-unknown", (fun () -> raise (Tariff_unknown ("no tariff " ^ n)));
  (* fault mkdir-exists: conflict *)
  "mkdir-exists", (fun () -> Unix.mkdir dir 0o755);
  (* fault superseded: conflict *)
  "superseded", (fun () -> raise (Superseded "tariff was published by somebody else meanwhile"));
  (* fault write-full: resource_exhausted *)
  "write-full", (fun () -> let o = open_out "/dev/full" in output_string o "x"; flush o);
  (* fault files-open: resource_exhausted (nofile=20) *)
  "files-open", (fun () -> for _ = 1 to 99 do ignore (Unix.openfile "/dev/null" [ Unix.O_RDONLY ] 0) done);
  (* fault stack: resource_exhausted or code_defect *)
  "stack", (fun () -> ignore (deep 0));
  (* fault memory: resource_exhausted (as=200000000) *)
  "memory", (fun () -> ignore (Bytes.create 900_000_000));
  (* fault table-sum: data_integrity *)
  "table-sum", (fun () -> failwith "fare table: stored digest and computed digest differ");
  (* fault env-missing: configuration *)
  "env-missing", (fun () -> failwith "TARIFF_HOME is not set");
  (* fault bind-taken: configuration *)
  "bind-taken", (fun () -> let s = Unix.socket Unix.PF_INET Unix.SOCK_STREAM 0 in Unix.bind s (address "LAB_HTTP"));
  (* fault exec-missing: configuration *)
  "exec-missing", (fun () -> Unix.execvp "tariffc" [| "tariffc" |]);
  (* fault marshal-bad: serialization or data_integrity *)
  "marshal-bad", (fun () -> ignore (Marshal.from_string "nonsense that is long enough to have a header" 0));
  (* fault list-head: code_defect *)
  "list-head", (fun () -> ignore (List.hd ([] : int list)));
  (* fault assoc-missing: code_defect or not_found *)
  "assoc-missing", (fun () -> ignore (List.assoc 1 [ 2, 3 ]));
  (* fault array-bounds: code_defect *)
  "array-bounds", (fun () -> ignore [| 1 |].(String.length n + 4));
  (* fault by-zero: code_defect *)
  "by-zero", (fun () -> ignore (7 / (String.length n - String.length n)));
  (* fault match-failure: code_defect *)
  "match-failure", (fun () -> let price = (function Inner -> 1)[@warning "-8"] in ignore (price Outer));
  (* fault assert-failure: code_defect *)
  "assert-failure", (fun () -> assert (String.length n > 99));
  (* fault string-sub: code_defect *)
  "string-sub", (fun () -> ignore (String.sub "abc" 2 9));
  (* fault option-none: code_defect *)
  "option-none", (fun () -> ignore (Option.get (None : int option)));
  (* fault not-written: code_defect *)
  "not-written", (fun () -> failwith "not implemented: group tickets");
  (* fault self-segv: crash *)
  "self-segv", (fun () -> Unix.kill (Unix.getpid ()) Sys.sigsegv; Unix.sleep 1);
]
let () =
  Printexc.record_backtrace true;
  let fault = List.assoc Sys.argv.(1) faults in
  if Sys.getenv "LAB_MODE" = "raise" then fault ()
  else try fault () with e ->
    let trace = Printexc.get_backtrace () in
    let text = Printexc.to_string e in
    let name = match String.index_opt text '(' with Some i -> String.sub text 0 i | None -> text in
    if Sys.getenv "LAB_MODE" = "wrap" then Printf.printf "@@type Failure\n@@message journey %s left unpriced: %s\n@@trace\nFatal error: exception Failure(\"journey left unpriced: %s\")\n%s\n@@end\n" n text (String.escaped text) trace
    else Printf.printf "@@type %s\n@@message %s\n@@trace\nFatal error: exception %s\n%s\n@@end\n" name text text trace
