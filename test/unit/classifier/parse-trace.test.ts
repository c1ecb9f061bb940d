import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTrace } from "../../../models/classifier/parse-trace.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

interface Case {
  runtime: string;
  text: string;
  /** outermost first */
  chain: [string | null, string][];
  /** nearest frame of the program itself in the first cause that has one, `module#function` */
  ownFrame?: string;
}

const CASES: Record<string, Case> = {
  "a Java chain with suppressed errors": {
    runtime: "jvm",
    text: `com.shop.OrderException: order 7 not confirmed
	at com.shop.Orders.confirm(Orders.java:42)
	at java.base/java.lang.Thread.run(Thread.java:840)
	Suppressed: java.io.IOException: close failed
		at com.shop.Res.close(Res.java:1)
	Caused by: java.lang.Error: not this one
Caused by: java.sql.SQLException: wrapped
	at com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:1)
	... 3 more
Caused by: java.net.ConnectException: Connection refused
	at java.base/sun.nio.ch.Net.connect0(Native Method)
	... 9 more`,
    chain: [
      ["com.shop.OrderException", "order 7 not confirmed"],
      ["java.sql.SQLException", "wrapped"],
      ["java.net.ConnectException", "Connection refused"],
    ],
    ownFrame: "com.shop.Orders#confirm",
  },
  "a chained Python traceback": {
    runtime: "python",
    text: `Traceback (most recent call last):
  File "/srv/app/gateway.py", line 3, in charge
    sock.connect(addr)
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/main.py", line 9, in pay
    charge()
  File "/usr/lib/python3/dist-packages/retry/api.py", line 1, in call
    raise PaymentError("card not charged") from error
app.PaymentError: card not charged`,
    chain: [
      ["app.PaymentError", "card not charged"],
      ["ConnectionRefusedError", "[Errno 111] Connection refused"],
    ],
    ownFrame: "app/main#pay",
  },
  "a Python exception group": {
    runtime: "python",
    text: `  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/main.py", line 9, in run
  |     raise ExceptionGroup("two jobs failed", errors)
  | ExceptionGroup: two jobs failed (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/job.py", line 3, in job
    |     raise TimeoutError("late")
    | TimeoutError: late
    +------------------------------------`,
    chain: [
      ["ExceptionGroup", "two jobs failed (1 sub-exception)"],
      ["TimeoutError", "late"],
    ],
  },
  "a Node error with a cause and its properties": {
    runtime: "node",
    text: `Error: cart not saved
    at saveCart (/srv/shop/src/cart.js:10:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:6379
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
    errno: -111,
    code: 'ECONNREFUSED',
  }
}`,
    chain: [
      ["Error", "cart not saved"],
      ["Error", "connect ECONNREFUSED 127.0.0.1:6379"],
    ],
    ownFrame: "src/cart#saveCart",
  },
  "a Go panic": {
    runtime: "go",
    text: `panic: runtime error: index out of range [3] with length 2

goroutine 1 [running]:
main.total(...)
	/srv/shop/cart.go:12 +0x1d
main.main()
	/srv/shop/main.go:8 +0x2b
exit status 2`,
    chain: [["panic", "runtime error: index out of range [3] with length 2"]],
    ownFrame: "main#total",
  },
  "an anyhow chain": {
    runtime: "rust",
    text: "Error: day 5 not archived\n\nCaused by:\n    0: opening channel\n    1: Connection refused (os error 111)",
    chain: [
      [null, "day 5 not archived"],
      [null, "opening channel"],
      [null, "Connection refused (os error 111)"],
    ],
  },
  "both spellings of a Rust panic": {
    runtime: "rust",
    text: "thread 'main' panicked at 'no entry', src/main.rs:4:5\nnote: run with `RUST_BACKTRACE=1`",
    chain: [["panic", "no entry"]],
  },
  "a Rust panic inside a fetched crate": {
    runtime: "rust",
    text: `thread 'main' panicked at src/cart.rs:12:5:
no entry found for key
stack backtrace:
   0: rust_begin_unwind
             at /rustc/07dca489/library/std/src/panicking.rs:645:5
   1: indexmap::map::index
             at /home/build/.cargo/registry/src/index.crates.io-6f17d22b/indexmap-2.1.0/src/map.rs:83:36
   2: shop::cart::total
             at ./src/cart.rs:12:5`,
    chain: [["panic", "no entry found for key"]],
    ownFrame: "shop::cart#total",
  },
  "a .NET exception with an inner one": {
    runtime: "dotnet",
    text: `Shop.PickingException: bin empty
 ---> System.TimeoutException: The operation has timed out.
   at System.Net.Http.HttpClient.Send(Request r)
   --- End of inner exception stack trace ---
   at Shop.Picking.Pick(Int32 bin) in /srv/Picking.cs:line 33`,
    chain: [
      ["Shop.PickingException", "bin empty"],
      ["System.TimeoutException", "The operation has timed out."],
    ],
    ownFrame: "Shop.Picking#Pick",
  },
  "a Ruby error with a cause": {
    runtime: "ruby",
    text: `/app/orders.rb:10:in 'Orders#place': not placed (OrderError)
	from /app/main.rb:2:in '<main>'
/usr/lib/ruby/net/protocol.rb:5:in 'Net::Protocol#connect': execution expired (Net::OpenTimeout)
	from /app/orders.rb:8:in 'Orders#place'`,
    chain: [
      ["OrderError", "not placed"],
      ["Net::OpenTimeout", "execution expired"],
    ],
    ownFrame: "app/orders#Orders#place",
  },
  "a PHP error with the exception that wraps it": {
    runtime: "php",
    text: `PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/db.php:3
Stack trace:
#0 /app/db.php(3): PDO->__construct('mysql:host=db')
#1 {main}

Next App\\OrderException: not saved in /app/order.php:9
Stack trace:
#0 /app/index.php(2): App\\Order->save()
#1 {main}
  thrown in /app/order.php on line 9`,
    chain: [
      ["App\\OrderException", "not saved"],
      ["PDOException", "SQLSTATE[HY000] [2002] Connection refused"],
    ],
    ownFrame: "App\\Order#save",
  },
  "an Elixir exception": {
    runtime: "beam",
    text: `** (File.Error) could not read file "/x": permission denied
    (elixir 1.14.0) lib/file.ex:358: File.read!/1
    (shop 0.1.0) lib/shop/import.ex:7: Shop.Import.run/1`,
    chain: [["File.Error", 'could not read file "/x": permission denied']],
    ownFrame: "Shop.Import#run",
  },
  "a C++ exception nobody caught": {
    runtime: "native",
    text: "terminate called after throwing an instance of 'std::out_of_range'\n  what():  vector::_M_range_check\nAborted (core dumped)",
    chain: [["std::out_of_range", "vector::_M_range_check\nAborted (core dumped)"]],
  },
  "a log line": {
    runtime: "plain",
    text: "2026-01-02T03:04:05Z ERROR [worker-1] queue is full",
    chain: [[null, "queue is full"]],
  },
};

describe("reading traces", () => {
  it.each(Object.entries(CASES))("reads %s", (_, { runtime, text, chain, ownFrame }) => {
    const parsed = parseTrace(text);
    expect(parsed.runtime).toBe(runtime);
    expect(parsed.chain.map((cause) => [cause.type, cause.message])).toEqual(chain);
    if (ownFrame !== undefined) {
      const frames = parsed.chain.flatMap((cause) => cause.frames);
      const own = frames.find((frame) => frame.inApp);
      expect(`${own?.module}#${own?.function}`).toBe(ownFrame);
    }
  });

  it("finds the cause that a message carries within", () => {
    const error = readError(
      recordOf({
        exceptionType: "a.B",
        exceptionMessage: "outer; nested exception is java.net.ConnectException: refused",
      }),
    );
    expect(error.root).toMatchObject({ type: "java.net.ConnectException", message: "refused" });
  });

  it("answers for any text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: "binary" }), fc.string({ maxLength: 60 }), (text, type) => {
        const error = readError(recordOf({ exceptionType: type, stacktrace: text, exceptionMessage: text }));
        expect(error.chain.length).toBeGreaterThan(0);
        expect(error.root).toBe(error.chain.at(-1));
      }),
    );
  });

  it.each([
    "at ",
    "Caused by: ",
    "a.b.c.",
    "((((",
    "\tat a.b(",
    " ---> ",
    "x: ",
    '  File "',
    "0x0 in ",
    "** (",
    "#0 ",
    "1.1.1.",
    "[[",
    "::",
    "aB",
    "{badmatch,",
    "-",
    "é",
    "\n",
    "status 5",
    "error: ",
  ])("reads a megabyte of %j", (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const error = readError(recordOf({ exceptionType: text, exceptionMessage: text, stacktrace: text, body: text }));
    expect(error.chain.length).toBeGreaterThan(0);
  });
});

function recordOf(fields: Partial<ErrorRecord>): ErrorRecord {
  return {
    service: { namespace: "", name: "", environment: "" },
    timeMs: 0,
    source: "span_event",
    attributes: {},
    ...fields,
  };
}
