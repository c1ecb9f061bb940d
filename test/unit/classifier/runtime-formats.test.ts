/** The forms in which runtimes print errors, each as a program written for it really printed it, with names and paths of our own. */
import { describe, expect, it } from "vitest";
import { parseTrace } from "../../../models/classifier/parse-trace.ts";
import type { Runtime } from "../../../models/classifier/parsed-error.ts";

interface Form {
  runtime: Runtime;
  text: string;
  /** type and message, outermost first */
  chain: [string | null, string][];
  /** of the innermost cause, nearest first: `module#function`, `*` before those of the program itself */
  rootFrames?: string[];
}

const FORMS: Record<string, Form> = {
  "Java: suppressed errors with causes of their own, and what was printed before": {
    runtime: "jvm",
    text: `Exception in thread "main" Main$Bad: order 7 not confirmed
	at Main.main(Main.java:8)
Caused by: java.net.ConnectException: Connection refused
	at app//com.shop.Client.call(Client.java:5)
	at java.base@17.0.1/java.lang.Thread.run(Thread.java:840)
	... 1 more
	Suppressed: java.lang.IllegalStateException: close failed
		at Main$Res.close(Main.java:3)
		... 2 more
	Caused by: java.io.IOException: disk
		... 3 more
Caused by: [CIRCULAR REFERENCE: Main$Bad: order 7 not confirmed]`,
    chain: [
      ["Main$Bad", "order 7 not confirmed"],
      ["java.net.ConnectException", "Connection refused"],
    ],
    rootFrames: ["*com.shop.Client#call", "java.lang.Thread#run"],
  },
  "Java: hidden classes of lambdas": {
    runtime: "jvm",
    text: "java.lang.Error: x\n\tat com.shop.Cart$$Lambda$14/0x0000000800066840.run(Unknown Source)\n\tat com.shop.Cart.lambda$pay$3(Cart.java:1)",
    chain: [["java.lang.Error", "x"]],
    rootFrames: ["*com.shop.Cart#run", "*com.shop.Cart#lambda$pay"],
  },
  "Java: a log line that leads to its exception on the same line": {
    runtime: "jvm",
    text: "2026-01-02 03:04:05,678 ERROR c.s.Jobs - job 7 failed: java.io.IOException: disk full\n\tat com.shop.Jobs.run(Jobs.java:1)",
    chain: [["java.io.IOException", "disk full"]],
  },
  "Java: the root cause first": {
    runtime: "jvm",
    text: "java.io.IOException: disk full\n\tat com.shop.Disk.write(Disk.java:1)\nWrapped by: com.shop.JobError: not saved\n\tat com.shop.Jobs.run(Jobs.java:1)",
    chain: [
      ["com.shop.JobError", "not saved"],
      ["java.io.IOException", "disk full"],
    ],
  },
  "Python: a cause that was never raised": {
    runtime: "python",
    text: `KeyError: 'k'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/a.py", line 18, in run
    raise ValueError("bad") from KeyError("k")
ValueError: bad`,
    chain: [
      ["ValueError", "bad"],
      ["KeyError", "'k'"],
    ],
  },
  "Python: groups within groups, with markers": {
    runtime: "python",
    text: `  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/a.py", line 18, in <module>
  |     raise ExceptionGroup("two failed", errors)
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  | ExceptionGroup: two failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/srv/app/a.py", line 17, in <module>
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | Traceback (most recent call last):
      |   File "/srv/app/a.py", line 11, in a
      |     raise ValueError("bad a")
      | ValueError: bad a
      +------------------------------------
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/a.py", line 12, in b
    | TypeError: bad b
    +------------------------------------`,
    chain: [
      ["ExceptionGroup", "two failed (2 sub-exceptions)"],
      ["ExceptionGroup", "inner (1 sub-exception)"],
      ["ValueError", "bad a"],
      ["TypeError", "bad b"],
    ],
    rootFrames: ["*app/a#b"],
  },
  "Node: members of an AggregateError": {
    runtime: "node",
    text: `node:internal/process/promises:391
    triggerUncaughtException(err, true /* fromPromise */);
    ^

[AggregateError: All promises were rejected] {
  [errors]: [
    Error: a
        at job (/srv/app/src/a.js:3:43)
        at node:internal/main/run_main_module:28:49,
    RangeError: b
        at other (/srv/app/src/b.js:3:74)
        ... 4 lines matching cause stack trace ...
  ]
}

Node.js v20.20.2`,
    chain: [
      ["AggregateError", "All promises were rejected"],
      ["Error", "a"],
      ["RangeError", "b"],
    ],
    rootFrames: ["*src/b#other"],
  },
  "Node: evaluated code, async and accessor frames": {
    runtime: "node",
    text: "TypeError: x is null\n    at q (eval at run (/srv/app/a.js:6:16), <anonymous>:1:20)\n    at async b (/srv/app/src/a.ts:5:159)\n    at get v [as v] (/srv/app/src/a.ts:1:1)",
    chain: [["TypeError", "x is null"]],
    rootFrames: ["*<eval>#q", "*src/a#b", "*src/a#get v"],
  },
  "Node: what is thrown without being an error": {
    runtime: "node",
    text: '\n/srv/app/a.js:8\nif (bad) throw "just text";\n         ^\njust text\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\nNode.js v20.20.2',
    chain: [[null, "just text"]],
  },
  "Node: a label before the logged error": {
    runtime: "node",
    text: "failed to load TypeError: x is null\n    at load (/srv/app/src/a.js:17:26)",
    chain: [["TypeError", "x is null"]],
  },
  "Go: a panic while another one unwinds": {
    runtime: "go",
    text: `panic: runtime error: index out of range [3] with length 0 [recovered]
	panic: again: it failed

goroutine 1 [running]:
main.run.func1.1()
	/srv/app/main.go:15 +0x65
panic({0x494e20, 0xc00001a078})
	/usr/lib/go-1.19/src/runtime/panic.go:884 +0x212
main.deep(0x55caa0?)
	/srv/app/main.go:7 +0x15
created by main.main in goroutine 7
	/srv/app/main.go:9 +0x1`,
    chain: [
      ["panic", "again: it failed"],
      ["panic", "runtime error: index out of range [3] with length 0"],
    ],
    rootFrames: ["*main#deep", "*main#main"],
  },
  "Go: a panic that is thrown again": {
    runtime: "go",
    text: "panic: bad [recovered]\n\tpanic: bad\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/app/main.go:8 +0x2b",
    chain: [["panic", "bad"]],
  },
  "Go: the stack of the runtime before a fatal error": {
    runtime: "go",
    text: `runtime: goroutine stack exceeds 1000000000-byte limit
fatal error: stack overflow

runtime stack:
runtime.throw({0x49c77d?, 0x51a8c0?})
	/usr/lib/go-1.19/src/runtime/panic.go:1047 +0x5d fp=0x7ffe sp=0x7ffe pc=0x431afd
runtime.morestack()
	/usr/lib/go-1.19/src/runtime/asm_amd64.s:570 +0x8b fp=0x7ffe sp=0x7ffe pc=0x45b22b

goroutine 1 [running]:
main.f(0x1555522?)
	/srv/app/main.go:7 +0x15`,
    chain: [["fatal error", "stack overflow"]],
    rootFrames: ["*main#f"],
  },
  "Rust: the panic's message on its own line, generics in frames": {
    runtime: "rust",
    text: `
thread 'worker-1' (26377) panicked at src/main.rs:11:82:
multi
line 2
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616/library/std/src/panicking.rs:689:5
   1:     0x5646fb40710a - <shop::Cart<T> as core::ops::Drop>::drop::h0123456789abcdef
   2: core::panicking::assert_failed::<i32, i32>
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
    chain: [["panic", "multi\nline 2"]],
    rootFrames: ["__rustc#rust_begin_unwind", "*shop::Cart#drop", "core::panicking#assert_failed"],
  },
  "C++: what AddressSanitizer found": {
    runtime: "native",
    text: `=================================================================
==26663==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60200000001c at pc 0x5635a02396d5
READ of size 4 at 0x60200000001c thread T0
    #0 0x5635a02396d4 in shop::Cart::total(int*) /srv/app/cart.cpp:10
    #1 0x7ff4f6445249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58

0x60200000001c is located 4 bytes to the right of 8-byte region
allocated by thread T0 here:
    #0 0x7ff4f66b9628 in operator new[](unsigned long) ../../../../src/libsanitizer/asan/asan_new_delete.cpp:98`,
    chain: [
      [
        "AddressSanitizer",
        "heap-buffer-overflow on address 0x60200000001c at pc 0x5635a02396d5\nREAD of size 4 at 0x60200000001c thread T0",
      ],
    ],
    rootFrames: ["*shop::Cart#total", "libc_start_call_main.h#__libc_start_call_main"],
  },
  "C++: what UndefinedBehaviorSanitizer found": {
    runtime: "native",
    text: "cart.cpp:21:34: runtime error: signed integer overflow: 2147483647 + 2 cannot be represented in type 'int'\n    #0 0x560b375187ce in main /srv/app/cart.cpp:21",
    chain: [
      ["UndefinedBehaviorSanitizer", "signed integer overflow: 2147483647 + 2 cannot be represented in type 'int'"],
    ],
  },
  "C++: what ThreadSanitizer found": {
    runtime: "native",
    text: "==================\nWARNING: ThreadSanitizer: data race (pid=26709)\n  Read of size 4 at 0x55f1bb96a18c by main thread:\n    #0 main /srv/app/cart.cpp:22 (app+0x27fd)",
    chain: [["ThreadSanitizer", "data race\nRead of size 4 at 0x55f1bb96a18c by main thread:"]],
  },
  "C++: what valgrind found": {
    runtime: "native",
    text: `==26720== Memcheck, a memory error detector
==26720== Copyright (C) 2002-2022, and GNU GPL'd, by Julian Seward et al.
==26720== Command: ./app
==26720== 
==26720== Invalid read of size 4
==26720==    at 0x10CCBA: shop::Cart::total(int*) (cart.cpp:10)
==26720==    by 0x10C502: main (main.cpp:16)
==26720==  Address 0x4d72c8c is 4 bytes after a block of size 8 alloc'd`,
    chain: [["valgrind", "Invalid read of size 4"]],
    rootFrames: ["*shop::Cart#total", "*main.cpp#main"],
  },
  "C++: a signal that gdb saw": {
    runtime: "native",
    text: `Program received signal SIGSEGV, Segmentation fault.
0x0000555555558cba in shop::Cart::total (this=0x7ff, p=0x0) at cart.cpp:10
10	return p[3];
#0  0x0000555555558cba in shop::Cart::total (this=0x7ff, p=0x0) at cart.cpp:10
#1  0x00005555555585af in main (c=2, v=0x7fffffffe7d8) at main.cpp:18`,
    chain: [["SIGSEGV", "Segmentation fault"]],
    rootFrames: ["*shop::Cart#total", "*main.cpp#main"],
  },
  "C: an assertion that failed": {
    runtime: "native",
    text: "app: cart.cpp:19: int total(int, char**): Assertion `n == 5' failed.",
    chain: [[null, "Assertion `n == 5' failed."]],
    rootFrames: ["*cart.cpp#total"],
  },
  "C: a backtrace by glibc": {
    runtime: "native",
    text: "*** stack smashing detected ***\n./app(deep+0x3bf)[0x55d0e328e78c]\n/lib/x86_64-linux-gnu/libc.so.6(+0x2724a)[0x7fb2d024524a]",
    chain: [[null, "*** stack smashing detected ***"]],
  },
  ".NET: an AggregateException and its members": {
    runtime: "dotnet",
    text: `Unhandled exception. System.AggregateException: One or more errors occurred. (bin empty) (by zero)
 ---> Shop.PickingException: bin empty
   at Shop.Cart\`1.Get(Int32 i) in /srv/N.cs:line 3
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.WaitAll(Task[] tasks)
   at Shop.Program.Main(String[] a) in /srv/N.cs:line 7
 ---> (Inner Exception #1) System.DivideByZeroException: by zero
   at Shop.Program.<Main>b__1() in /srv/N.cs:line 7<---
`,
    chain: [
      ["System.AggregateException", "One or more errors occurred. (bin empty) (by zero)"],
      ["Shop.PickingException", "bin empty"],
    ],
    rootFrames: ["*Shop.Cart#Get"],
  },
  ".NET: what Mono prints twice": {
    runtime: "dotnet",
    text: `Unhandled Exception:
System.NullReferenceException: not set
  at Shop.P.Main (System.String[] a) [0x00110] in /srv/N.cs:8
[ERROR] FATAL UNHANDLED EXCEPTION: System.NullReferenceException: not set
  at Shop.P.Main (System.String[] a) [0x00110] in /srv/N.cs:8`,
    chain: [["System.NullReferenceException", "not set"]],
    rootFrames: ["*Shop.P#Main"],
  },
  "Ruby: the innermost call last, causes first": {
    runtime: "ruby",
    text: `Traceback (most recent call last):
	2: from /app/main.rb:12:in \`<main>'
	1: from /app/cart.rb:4:in \`pay'
/usr/lib/ruby/3.1.0/json/common.rb:216:in \`parse': unexpected token (JSON::ParserError)
	1: from /app/main.rb:12:in \`<main>'
/app/cart.rb:4:in \`rescue in pay': not paid (OrderError)`,
    chain: [
      ["OrderError", "not paid"],
      ["JSON::ParserError", "unexpected token"],
    ],
    rootFrames: ["json/common#parse", "*app/cart#pay", "*app/main#<main>"],
  },
  "Ruby: a thread's end and the program's, a message of two lines": {
    runtime: "ruby",
    text: `#<Thread:0x00007f7c3c4ee660 a.rb:15 run> terminated with exception (report_on_exception is true):
/app/a.rb:15:in \`block in <main>': one (OrderError)
two
/app/a.rb:15:in \`block in <main>': one (OrderError)
two`,
    chain: [["OrderError", "one\ntwo"]],
  },
  "Ruby: frames inside of the interpreter": {
    runtime: "ruby",
    text: "<internal:/usr/lib/ruby/rubygems/core_ext/kernel_require.rb>:85:in `require': cannot load such file -- nosuch (LoadError)\n\tfrom /app/a.rb:20:in `<main>'",
    chain: [["LoadError", "cannot load such file -- nosuch"]],
  },
  "PHP: a message of two lines": {
    runtime: "php",
    text: "PHP Fatal error:  Uncaught App\\OrderException: one\ntwo in /app/a.php:13\nStack trace:\n#0 {main}\n  thrown in /app/a.php on line 13",
    chain: [["App\\OrderException", "one\ntwo"]],
  },
  "PHP: warnings before the error that ends it": {
    runtime: "php",
    text: "PHP Warning:  Undefined variable $x in /app/a.php on line 9\nPHP Fatal error:  Allowed memory size of 4194304 bytes exhausted in /app/a.php on line 12",
    chain: [[null, "Allowed memory size of 4194304 bytes exhausted"]],
  },
  "Perl: Carp's long messages": {
    runtime: "perl",
    text: 'deep trouble at /app/p.pl line 2.\n\tShop::inner("confess", "arg two") called at /app/p.pl line 3\n\tmain::outer("confess") called at /app/p.pl line 3',
    chain: [[null, "deep trouble"]],
    rootFrames: ["*/app/p.pl#Shop::inner", "*/app/p.pl#main::outer"],
  },
  "Perl: an object that was thrown": {
    runtime: "perl",
    text: "My::Err=HASH(0x55cbf5710680)",
    chain: [["My::Err", ""]],
  },
  "Elixir: a process that ends, and the arguments of a call": {
    runtime: "beam",
    text: `14:01:52.196 [error] GenServer #PID<0.109.0> terminating
** (FunctionClauseError) no function clause matching in Shop.m/1

    The following arguments were given to Shop.m/1:

        # 1
        :b

    (shop 0.1.0) lib/shop.ex:4: Shop.m/1
    (elixir 1.14.0) lib/enum.ex:1658: Enum."-map/2-lists^map/1-0-"/2
    NoSuch.foo(1)
Last message (from #PID<0.96.0>): :boom`,
    chain: [["FunctionClauseError", "no function clause matching in Shop.m/1"]],
    rootFrames: ["*Shop#m", "Enum#map", "*NoSuch#foo"],
  },
  "Elixir: an exit with a reason": {
    runtime: "beam",
    text: "** (exit) exited in: GenServer.call(:x, :y, 5000)\n    ** (EXIT) time out\n    (elixir 1.14.0) lib/gen_server.ex:1027: GenServer.call/3",
    chain: [
      ["exit", "exited in: GenServer.call(:x, :y, 5000)"],
      ["EXIT", "time out"],
    ],
  },
  "Erlang: a crash report": {
    runtime: "beam",
    text: `=CRASH REPORT==== 25-Nov-2026::14:02:05.029326 ===
  crasher:
    initial call: shop:run/0
    pid: <0.79.0>
    exception error: an error occurred when evaluating an arithmetic expression
      in operator  div/2
         called as 10 div 0
      in call from shop:total/1 (shop.erl, line 12)
    ancestors: [<0.9.0>]`,
    chain: [["error", "an error occurred when evaluating an arithmetic expression"]],
    rootFrames: ["erlang#div", "*shop#total"],
  },
  "Erlang: a process that died of a term": {
    runtime: "beam",
    text: `=ERROR REPORT==== 25-Nov-2026::14:02:02.817716 ===
Error in process <0.79.0> with exit value:
{badarith,[{erlang,'/',[1,0],[{error_info,#{module => erl_erts_errors}}]},
           {shop,total,2,[{file,"shop.erl"},{line,15}]}]}`,
    chain: [["error", "badarith"]],
    rootFrames: ["erlang#/", "*shop#total"],
  },
  Lua: {
    runtime: "lua",
    text: "lua5.4: /app/cart.lua:1: attempt to index a nil value (field 'x')\nstack traceback:\n\t/app/cart.lua:1: in upvalue 'inner'\n\t/app/main.lua:4: in main chunk\n\t[C]: in ?",
    chain: [[null, "attempt to index a nil value (field 'x')"]],
    rootFrames: ["*app/cart#inner", "*app/main#main chunk", "[C]#?"],
  },
  R: {
    runtime: "r",
    text: "Error in f(x) : bad value: 3\nCalls: g -> f\nExecution halted",
    chain: [["simpleError", "Error in f(x) : bad value: 3"]],
    rootFrames: ["*#f", "*#g"],
  },
  Haskell: {
    runtime: "haskell",
    text: "app: bad 3\nCallStack (from HasCallStack):\n  error, called at src/Shop.hs:6:7 in main:Shop\n  f, called at Main.hs:7:59 in main:Main",
    chain: [[null, "app: bad 3"]],
    rootFrames: ["*Shop#error", "*Main#f"],
  },
  Dart: {
    runtime: "dart",
    text: "Unhandled exception:\nFormatException: Unexpected character\n#0      _ChunkedJsonParser.fail (dart:convert-patch/convert_patch.dart:1383:5)\n#1      Cart.load.<anonymous closure> (package:shop/cart.dart:7:3)\n<asynchronous suspension>",
    chain: [["FormatException", "Unexpected character"]],
    rootFrames: ["dart:convert-patch/convert_patch#_ChunkedJsonParser.fail", "*shop/cart#Cart.load"],
  },
  Swift: {
    runtime: "swift",
    text: "Shop/Cart.swift:7: Fatal error: Unexpectedly found nil while unwrapping an Optional value",
    chain: [["Fatal error", "Unexpectedly found nil while unwrapping an Optional value"]],
    rootFrames: ["*Shop/Cart#"],
  },
};

describe("the forms in which runtimes print errors", () => {
  it.each(Object.entries(FORMS))("%s", (_, { runtime, text, chain, rootFrames }) => {
    const parsed = parseTrace(text);
    expect(parsed.runtime).toBe(runtime);
    expect(parsed.chain.map((cause) => [cause.type, cause.message])).toEqual(chain);
    if (rootFrames !== undefined) {
      const frames = parsed.chain.at(-1)?.frames ?? [];
      expect(frames.map((frame) => `${frame.inApp ? "*" : ""}${frame.module}#${frame.function}`)).toEqual(rootFrames);
    }
  });
});

describe("log lines of servers", () => {
  it.each([
    [
      '2026-11-25 13:00:00.123 UTC [1234] ERROR:  23505: duplicate key value violates unique constraint "orders_pkey"\nDETAIL:  Key (id)=(1) already exists.\nSTATEMENT:  insert into orders values (1)',
      'duplicate key value violates unique constraint "orders_pkey"',
      "SQLSTATE 23505\nDETAIL:  Key (id)=(1) already exists.\nSTATEMENT:  insert into orders values (1)",
    ],
    [
      "2026-11-25T13:00:00.123456Z 0 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11",
      "Unable to lock ./ibdata1 error: 11",
      "InnoDB MY-012574",
    ],
    [
      '2026/11/25 13:00:00 [error] 123#123: *45 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.1, server: shop, request: "GET / HTTP/1.1"',
      "connect() failed (111: Connection refused) while connecting to upstream",
      'client: 192.0.2.1, server: shop, request: "GET / HTTP/1.1"',
    ],
    [
      "[2026-11-25 13:00:00,123] ERROR Error while reading checkpoint file /var/lib/kafka (kafka.server.LogDirFailureChannel)",
      "Error while reading checkpoint file /var/lib/kafka",
      "kafka.server.LogDirFailureChannel",
    ],
    [
      "1234:M 25 Nov 2026 13:00:00.123 # Can't save in background: fork: Cannot allocate memory",
      "Can't save in background: fork: Cannot allocate memory",
      "",
    ],
    [
      "Nov 25 13:00:00 host systemd[1]: shop.service: Main process exited, code=killed, status=9/KILL",
      "shop.service: Main process exited, code=killed, status=9/KILL",
      "",
    ],
    [
      "Nov 25 13:00:00 host kernel: [12345.678901] Out of memory: Killed process 123 (java)",
      "Out of memory: Killed process 123 (java)",
      "",
    ],
    [
      "E1125 13:00:00.123456       1 reflector.go:138] Failed to watch *v1.Pod: unknown",
      "Failed to watch *v1.Pod: unknown",
      "",
    ],
  ])("%s", (text, message, detail) => {
    const [cause] = parseTrace(text).chain;
    expect([cause?.message, cause?.detail]).toEqual([message, detail]);
  });

  it("Kubernetes events have their reason as type", () => {
    const [cause] = parseTrace(
      "Warning  BackOff  12s (x5 over 1m)  kubelet  Back-off restarting failed container",
    ).chain;
    expect([cause?.type, cause?.message]).toEqual(["BackOff", "Back-off restarting failed container"]);
  });
});
