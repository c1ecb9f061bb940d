/** Go, Rust, .NET, C and C++, Swift, Haskell, OCaml, CUDA. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const COMPILED_RULES: readonly Rule[] = [
  {
    id: "go-runtime",
    class: "code_defect",
    strength: 0.965,
    phrases: phrases(`
      invalid memory address or nil pointer dereference | nil pointer dereference | assignment to entry in nil map
      slice bounds out of range | index out of range [ | all goroutines are asleep
      concurrent map {writes,read and map write,iteration and map write} | interface conversion | send on closed channel
      close of {closed,nil} channel | negative waitgroup counter | sync: unlock of unlocked mutex | makeslice: len out of range
      integer divide by zero | hash of unhashable type | http: superfluous response.writeheader | sql: expected * arguments
      sql: rows are closed | sql: transaction has already been | unaddressable value | reflect: call | body closed
      read on closed body
    `),
    without: phrases("json | protobuf | unmarshal"),
    examples: [
      { type: "fatal error", message: "all goroutines are asleep - deadlock!" },
      "panic: runtime error: index out of range [5] with length 3",
    ],
  },
  {
    id: "go-wiring",
    class: "configuration",
    strength: 0.955,
    phrases: phrases(`
      sql: unknown driver | (forgotten import?) | multiple registrations for | flag provided but not defined
      not found in type config | cannot find package | missing go.sum entry | missing required flag | flag redefined
      error loading config | error reading config
    `),
    examples: ["panic: http: multiple registrations for /orders"],
  },
  {
    id: "go-decode",
    class: "serialization",
    strength: 0.95,
    types: names(`
      json.SyntaxError json.UnmarshalTypeError xml.SyntaxError base64.CorruptInputError hex.InvalidByteError
    `),
    phrases: phrases(
      'invalid character * looking for | cannot unmarshal * into | unexpected end of json input | unexpected eof * json | gob: | proto: cannot parse | proto: * invalid wire format | illegal base64 data | csv: | parse error on line | bare " in non quoted field | wrong number of fields | invalid utf 8 | xml syntax error',
    ),
    without: phrases("config | yaml | toml | openfile | no such file | permission denied"),
    examples: [
      "invalid character '<' looking for beginning of value",
      "gob: wrong type (string) for received field Order.Total",
    ],
  },
  {
    id: "go-network",
    class: "connectivity",
    strength: 0.93,
    phrases: phrases(`
      dial tcp * connect | driver: bad connection | use of closed network connection | server misbehaving
      http: server closed idle connection | unexpected eof | http2: client connection lost | transport is closing
      transport: error while dialing | tls: first record does not look like a tls handshake | tls: | x509:
      connection error: desc | no such host
    `),
    without: phrases("i/o timeout | json | gzip | archive | zip | unmarshal | tar | decode"),
    examples: ['Get "http://rates:8080": dial tcp 10.0.0.4:8080: connect: connection refused'],
    notOn: [{ message: "dial tcp 10.0.0.4:8080: i/o timeout", is: "timeout" }],
  },
  {
    id: "go-time",
    class: "timeout",
    strength: 0.96,
    phrases: phrases(`
      context deadline exceeded | i/o timeout | client.timeout exceeded | tls handshake timeout
      net/http: timeout awaiting response headers | request canceled (client.timeout
    `),
    without: phrases("connection pool | too many connections"),
    examples: ["dial tcp 10.0.0.4:8080: i/o timeout"],
  },
  {
    id: "go-none",
    class: "not_found",
    strength: 0.9,
    phrases: phrases(`
      redis: nil | no rows in result set | record not found | mongo: no documents in result | key not found in etcd
    `),
    types: names("redis.Nil mongo.ErrNoDocuments gorm.ErrRecordNotFound"),
    examples: [{ type: "redis.Nil", message: "redis: nil" }],
  },
  {
    id: "rust-panics",
    class: "code_defect",
    strength: 0.95,
    phrases: phrases(`
      called \u0060option::unwrap()\u0060 on a \u0060none\u0060
      index out of bounds: the len is | already borrowed | already mutably borrowed
      attempt to {subtract,add,multiply,divide,negate} * overflow | attempt to divide by zero
      internal error: entered unreachable code | not implemented | not yet implemented | byte index * is not a char boundary
      slice index starts at | range end index | range start index | poisonerror | there is no reactor running
      cannot start a runtime from within a runtime | removal index | assertion * left | jointask * panicked | joinerror::panic
      task * panicked
    `),
    without: phrases("connection refused | timed out | os error | permission denied | no such file | io error"),
    examples: [
      { type: "panic", message: "called `Option::unwrap()` on a `None` value" },
      { type: "panic", message: "index out of bounds: the len is 3 but the index is 9" },
    ],
  },
  {
    id: "serde-errors",
    class: "serialization",
    strength: 0.96,
    types: names(`
      serde_json::Error serde_json::error::Error DecodeError prost::DecodeError toml::de::Error FromUtf8Error Utf8Error
      DecodingFailure bincode::Error rmp_serde::decode::Error
    `),
    phrases: phrases(`
      missing field * at line | invalid type: * expected | unknown variant * expected | expected value at line | eof while parsing
      trailing characters at line | invalid utf 8 sequence | unknown field * expected | key must be a string at
      recursion limit exceeded at line
    `),
    examples: [{ type: "serde_json::Error", message: "missing field `total` at line 1 column 20" }],
  },
  {
    id: "sqlx-pool",
    class: "resource_exhausted",
    strength: 0.965,
    types: names("sqlx::Error::PoolTimedOut PoolTimedOut r2d2::Error bb8::RunError::TimedOut"),
    phrases: phrases(`
      pool timed out while waiting for an open connection | timed out in bb8 | timed out waiting for connection
    `),
    examples: [{ type: "sqlx::Error", message: "pool timed out while waiting for an open connection" }],
  },
  {
    id: "dotnet-misuse",
    class: "code_defect",
    strength: 0.95,
    types: names(`
      NullReferenceException ObjectDisposedException InvalidCastException IndexOutOfRangeException DivideByZeroException
      NotImplementedException ArrayTypeMismatchException AmbiguousMatchException SynchronizationLockException
      InvalidProgramException RuntimeBinderException MissingMemberException ArgumentNullException
    `),
    phrases: phrases(`
      object reference not set | collection was modified | enumeration operation may not execute | cannot access a disposed object
      sequence contains no elements | sequence contains more than one | nullable object must have a value
      a second operation was started on this context | specified cast is not valid | unable to cast object
      there is already an open datareader | not present in the dictionary | has already been disposed | is already being tracked
      operation is not valid due to the current state | timeout.* must be
    `),
    examples: [
      {
        type: "System.InvalidOperationException",
        message: "Collection was modified; enumeration operation may not execute.",
      },
      {
        type: "System.Collections.Generic.KeyNotFoundException",
        message: "The given key 'vat' was not present in the dictionary.",
      },
    ],
  },
  {
    id: "dotnet-wiring",
    class: "configuration",
    strength: 0.97,
    types: names(`
      TypeLoadException System.MissingMethodException System.MissingFieldException BadImageFormatException DllNotFoundException
      EntryPointNotFoundException TypeInitializationException FileLoadException ConfigurationErrorsException
      ReflectionTypeLoadException OptionsValidationException ConfigurationException MissingManifestResourceException
    `),
    phrases: phrases(`
      could not load file or assembly | unable to resolve service for type | no service for type * has been registered
      unable to load shared library | unable to load dll | method not found: | could not load type
      an assembly specified in the application dependencies | you must install or update .net
      connection string * {not found,is null,missing,not been initialized} | some services are not able to be constructed
      no database provider has been configured | failed to load the dll
    `),
    without: phrases("csv header"),
    examples: [
      {
        type: "System.IO.FileNotFoundException",
        message:
          "Could not load file or assembly 'Newtonsoft.Json, Version=13.0.0.0'. The system cannot find the file specified.",
      },
    ],
  },
  {
    id: "dotnet-cancelled-by-timeout",
    class: "timeout",
    strength: 0.94,
    types: names("TaskCanceledException TimeoutRejectedException"),
    phrases: phrases(`
      request was canceled due to the configured httpclient.timeout | execution timeout expired | the operation has timed out
      wait operation timed out | delegate executed asynchronously through timeoutpolicy
    `),
    without: phrases("obtaining a connection from the pool"),
    examples: [
      {
        type: "System.Threading.Tasks.TaskCanceledException",
        message: "The request was canceled due to the configured HttpClient.Timeout of 2 seconds elapsing.",
      },
    ],
  },
  {
    id: "dotnet-data-client",
    class: "connectivity",
    strength: 0.95,
    phrases: phrases(`
      a network related or instance specific error | server was not found or was not accessible | transport level error
      no such host is known | actively refused it | unable to connect to any of the specified mysql hosts
      exception while {reading from,writing to} stream | it was not possible to connect to the redis server
      no connection is {active,available} to service this operation | the response ended prematurely
      an existing connection was forcibly closed | unable to read data from the transport connection
      ssl connection could not be established
    `),
    without: phrases("timeout | timed out"),
    examples: [
      {
        type: "Microsoft.Data.SqlClient.SqlException",
        message:
          "A network-related or instance-specific error occurred while establishing a connection to SQL Server. The server was not found or was not accessible.",
      },
    ],
  },
  {
    id: "dotnet-format",
    class: "serialization",
    strength: 0.94,
    types: names(`
      JsonException JsonReaderException JsonSerializationException XmlException SerializationException
      InvalidDataContractException BadDataException CsvHelper.MissingFieldException HeaderValidationException
      DecoderFallbackException EncoderFallbackException InvalidProtocolBufferException MessagePackSerializationException
    `),
    phrases: phrases(`
      is not a valid base 64 string | the json value could not be converted | root element is missing
      data at the root level is invalid | does not exist in the csv header | 's' is an invalid start of a value
      is an invalid start of a value | possible object cycle
    `),
    examples: [
      {
        type: "System.FormatException",
        message: "The input is not a valid Base-64 string as it contains a non-base 64 character",
      },
    ],
  },
  {
    id: "native-heap-broken",
    class: "crash",
    strength: 0.96,
    phrases: phrases(`
      corrupted size vs prev size | corrupted size vs. prev size | malloc(): * corrupt* | free(): invalid {pointer,size,next size}
      double free or corruption | munmap chunk(): invalid pointer | corrupted double linked list | malloc consolidate | malloc():
      buffer overflow detected | stack smashing detected | terminate called * core dumped | aborted (core dumped)
      pure virtual method called | segmentation fault | bus error | illegal instruction | trace/bpt trap | access violation
      unhandled exception at 0x* | exception code: 0xc0* | fatal signal | fatal javascript invalid size error
      fatal error in , line | check failed: * core | exc bad access | exc crash | fatal error: unexpectedly found nil * signal
    `),
    examples: ["corrupted size vs. prev_size Aborted", "*** stack smashing detected ***: terminated"],
  },
  {
    id: "sanitizer-reports",
    class: "code_defect",
    strength: 0.95,
    phrases: phrases(`
      heap use after free | stack use after {return,scope} | heap buffer overflow | stack buffer overflow | global buffer overflow
      attempting double free | detected memory leaks | data race | use of uninitialized value | signed integer overflow
      load of misaligned address | null pointer of type | alloc dealloc mismatch | heap block overrun
    `),
    examples: ["ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010"],
  },
  {
    id: "sanitizer-segv",
    class: "crash",
    strength: 0.96,
    phrases: phrases("segv on unknown address | deadlysignal | addresssanitizer: segv"),
    examples: [{ type: "AddressSanitizer", message: "SEGV on unknown address 0x000000000000" }],
  },
  {
    id: "cpp-standard",
    class: "code_defect",
    strength: 0.93,
    types: names(`
      std::out_of_range std::bad_cast std::bad_function_call std::bad_optional_access std::bad_variant_access std::bad_any_cast
      std::bad_typeid std::logic_error std::future_error std::bad_weak_ptr boost::bad_get std::length_error
    `),
    phrases: phrases(`
      basic string: construction from null | basic string::substr | vector:: m range check | map::at | bad optional access
      bad any cast | promise already satisfied | broken promise | resource deadlock would occur * recursive
    `),
    examples: [{ type: "std::logic_error", message: "basic_string: construction from null is not valid" }],
  },
  {
    id: "loader-errors",
    class: "configuration",
    strength: 0.965,
    phrases: phrases(`
      error while loading shared libraries | cannot open shared object file | symbol lookup error | undefined symbol:
      version 'glibc | version 'glibcxx | version 'cxxabi | library not loaded | wrong elf class | invalid elf header
      exec format error | cannot execute binary file | dyld: | dyld[ | the procedure entry point | msvcp140.dll | vcruntime140.dll
    `),
    examples: [
      "./app: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory",
    ],
  },
  {
    id: "gpu-memory",
    class: "resource_exhausted",
    strength: 0.965,
    types: names(`
      torch.cuda.OutOfMemoryError CUDA_ERROR_OUT_OF_MEMORY CUBLAS_STATUS_ALLOC_FAILED ResourceExhaustedError
    `),
    phrases: phrases(`
      cuda out of memory | cuda error: out of memory | cublas status alloc failed | oom when allocating tensor
      failed to allocate * on gpu | cudamalloc failed
    `),
    examples: [{ type: "torch.cuda.OutOfMemoryError", message: "CUDA out of memory. Tried to allocate 2.00 GiB" }],
  },
  {
    id: "gpu-set-up",
    class: "configuration",
    strength: 0.95,
    phrases: phrases(`
      no cuda capable device | cuda driver version is insufficient | no kernel image is available | torch not compiled with cuda
      nvidia smi has failed | driver/library version mismatch | cuda initialization | libcuda.so* not found
    `),
    examples: ["CUDA error: no kernel image is available for execution on the device"],
  },
  {
    id: "gpu-fault",
    class: "crash",
    strength: 0.95,
    phrases: phrases(`
      nvrm: xid | gpu has fallen off the bus | uncorrectable ecc error | cuda error: unspecified launch failure
      an illegal memory access was encountered | device side assert triggered
    `),
    examples: ["NVRM: Xid (PCI:0000:65:00): 79, GPU has fallen off the bus."],
  },
  {
    id: "swift-haskell-ocaml",
    class: "code_defect",
    strength: 0.93,
    phrases: phrases(`
      unexpectedly found nil while unwrapping | fatal error: index out of range | empty list | prelude.!!: index too large
      non exhaustive patterns | <<loop>> | fromjust: nothing | match failure | invalid argument index out of bounds
      exception: not found | stack overflow in ocaml | irrefutable pattern failed | could not cast value of type
      arithmetic operation resulted in an overflow | simultaneous accesses to
    `),
    types: names("Match_failure Invalid_argument Assert_failure PatternMatchFail ArrayException"),
    examples: [
      "Fatal error: Unexpectedly found nil while unwrapping an Optional value",
      "Prelude.head: empty list (CallStack in shop)",
    ],
  },
];
