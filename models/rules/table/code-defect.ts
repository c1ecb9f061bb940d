/** Bugs: null, bounds, types, states that should not be. Exception types of the standard libraries of the runtimes. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const CODE_DEFECT_RULES: readonly Rule[] = [
  {
    id: "defect-null",
    class: "code_defect",
    strength: 0.94,
    types: names(`
      NullPointerException NullReferenceException AttributeError UnboundLocalError NameError KotlinNullPointerException
      UninitializedPropertyAccessException ArgumentNullException NoMethodError ReferenceError UndefinedFunctionError
      FunctionClauseError MatchError CaseClauseError CondClauseError WithClauseError function_clause case_clause undef if_clause
      error:undef error:function_clause error:case_clause error:badarith error:badkey error:badmap error:badfun error:if_clause
    `),
    phrases: phrases(`
      badarith | badkey | function clause | case clause | null pointer | nil pointer dereference | object reference not set
      cannot read properties of | cannot read property | cannot set properties of | is not a function | is undefined
      is not defined | undefined method | undefined local variable | undefined variable | undefined index | undefined array key
      undefined offset | undefined property | uninitialized constant | has no attribute | 'nonetype' object | nonetype
      object is not callable | object is not subscriptable | object is not iterable | is not iterable
      referenced before assignment | cannot invoke | call to a member function | on null | on a none value | nil value
      null object reference | before initialization | is null | was null | unwrap() on a 'none' value | unwrap on none
      no function clause matching | no match of right hand side | no case clause | undefined or private | function not exported
      does not exist on type | dereference | received undefined | null value was | attempt to index a nil value
      attempt to call a nil value
    `),
    without: phrases("in column | column | url is null | _url | secret | :error,"),
    examples: [{ type: "TypeError", message: "Cannot read properties of undefined (reading 'id')" }],
  },
  {
    id: "defect-bounds",
    class: "code_defect",
    strength: 0.93,
    types: names(`
      IndexOutOfBoundsException ArrayIndexOutOfBoundsException StringIndexOutOfBoundsException IndexOutOfRangeException IndexError
      KeyError NegativeArraySizeException std::out_of_range BadMapError EmptyStackException Enum.EmptyError Enum.OutOfBoundsError
      BufferOverflowException BufferUnderflowException StopIteration ArrayStoreException
    `),
    phrases: phrases(`
      index was out of range | index is out of range | index out of range | index out of bounds | out of bounds
      list index out of range | slice bounds out of range | subscript out of range | index was outside the bounds
      sequence contains no elements | pop from empty | range end index | byte index | array key
      key not present in the dictionary | given key was not present | no value present | empty collection | vector::_m_range_check
    `),
    examples: [{ type: "java.lang.ArrayIndexOutOfBoundsException", message: "Index 5 out of bounds for length 5" }],
  },
  {
    id: "defect-type",
    class: "code_defect",
    strength: 0.9,
    types: names(`
      ClassCastException InvalidCastException ArithmeticException DivideByZeroException ZeroDivisionError DivisionByZeroError
      OverflowError OverflowException FloatingPointError ArithmeticError bad_cast std::bad_cast FrozenError BadFunctionError
      BadArityError ArgumentCountError ERR_INVALID_ARG_TYPE ERR_INVALID_ARG_VALUE CloneNotSupportedException InvalidCastError
      BadArgumentTypeException std::bad_variant_access std::bad_optional_access LinAlgError
    `),
    phrases: phrases(`
      divide by zero | division by zero | integer overflow | arithmetic overflow | attempt to * with overflow
      attempt to divide by zero | cannot be cast to | unable to cast object | interface conversion | unsupported operand type
      can only concatenate | must be of type | must be str, not | positional argument | unexpected keyword argument
      takes * positional arguments | wrong number of arguments | too few arguments to function
      not supported between instances of | no implicit conversion of | string can't be coerced | is not a constructor
      assignment to constant | cannot convert undefined | cannot mix bigint | bad argument in arithmetic
      no value specified for parameter | wrong type | unhandled type | can't compare offset | offset naive | unhashable type
      not enough values to unpack | too many values to unpack | cannot destructure | singular matrix | expected parameter of type
      argument of type | bad argument # | type mismatch
    `),
    examples: [{ type: "java.lang.ClassCastException", message: "class A cannot be cast to class B" }],
  },
  {
    id: "defect-state",
    class: "code_defect",
    strength: 0.85,
    types: names(`
      AssertionError AssertionFailedError NotImplementedError NotImplementedException ConcurrentModificationException
      ObjectDisposedException LazyInitializationException IllegalMonitorStateException ERR_HTTP_HEADERS_SENT
      ERR_STREAM_WRITE_AFTER_END ERR_STREAM_DESTROYED ERR_ASSERTION AssertionException DetachedInstanceError
      TransientObjectException TransactionRequiredException UnexpectedRollbackException IllegalThreadStateException LogicException
      BadMethodCallException std::logic_error ERR_UNHANDLED_REJECTION StackUnderflowError InvalidStateError
      SynchronousOnlyOperation TransactionManagementError InFailedSqlTransaction Contradiction ERR_MULTIPLE_CALLBACK unreachable
      AlreadyCalledError UnwrapFailedException IllegalComponentStateException TimerAlreadyCancelled
    `),
    phrases: phrases(`
      poisoned lock | lock is poisoned | poisonerror | attempt to perform arithmetic on | cannot resolve keyword
      column name * was not found in this resultset | needs to have a value for field | assertion failed | assertion error
      assertion | invariant | not implemented | not yet implemented | unimplemented | unreachable code
      internal error: entered unreachable code | should never happen | should not happen | this cannot happen | cannot happen
      impossible state | illegal state | invalid state | unexpected state | already been called | headers already sent
      cannot set headers after | write after end | after end of stream | generator already executing | event loop is closed
      was never awaited | close of closed channel | send on closed channel | all goroutines are asleep | concurrent map writes
      concurrent map read and map write | concurrent map iteration | already borrowed | already mutably borrowed
      negative waitgroup counter | collection was modified | changed size during iteration | changed during iteration
      called 'option::unwrap()' | explicit panic | syntax error at or near | you have an error in your sql syntax | sql syntax
      a bug | bug: | logic error | infinite loop | loop detected | use after free | double free | memory leak
      detected memory leaks | buffer overflow | heap buffer overflow | data race | race condition detected | undefined behavior
      undefined behaviour | runtime error: | unlock of unlocked | current transaction is aborted | aggregate function
      must appear in the group by | is ambiguous | ambiguous column | unhandled case | unexpected case | missing case
      no handler for | unhandled promise | cannot reopen | is not bound | listener leak | maxlisteners | not thread safe
      instance is not bound to a session | no running event loop | cannot be called from | maximum update depth | hydration failed
      invalid hook call | duplicate declaration | has already been declared | unbalanced | cyclic dependency | circular dependency
      leak detected | parameter index out of range | dead code
    `),
    without: phrases("json | circuit | checksum"),
    examples: [{ type: "AssertionError", message: "cart has an owner" }],
  },
  {
    id: "defect-code",
    class: "code_defect",
    strength: 0.85,
    codes: names(`
      sqlstate:42601 sqlstate:42883 sqlstate:42702 sqlstate:42803 sqlstate:42804 sqlstate:25P02 sqlstate:42P02 sqlstate:42P10
      sqlstate:22012 mysql:1064 mysql:1052 mysql:1055 oracle:ORA-00933 oracle:ORA-00936 oracle:ORA-01476 mssql:102 grpc:INTERNAL
      grpc:UNIMPLEMENTED http:501 jsonrpc:-32601 jsonrpc:-32603 errno:ENOSYS errno:EBADF errno:ENOTSOCK
    `),
    examples: [{ attributes: { "db.response.status_code": "42601" }, message: 'syntax error at or near "FORM"' }],
  },
  {
    id: "defect-generic",
    class: "code_defect",
    strength: 0.72,
    types: names(`
      TypeError IllegalStateException InvalidOperationException NotSupportedException UnsupportedOperationException SystemError
      InvalidRequestError
    `),
    without: phrases("fetch failed | failed to fetch | json | invalid url"),
    examples: [{ type: "java.lang.IllegalStateException", message: "Cart is already submitted" }],
  },
  {
    id: "defect-hint",
    class: "code_defect",
    strength: 0.4,
    codes: names("http:500"),
    types: names(`
      panic RuntimeError AddressSanitizer LeakSanitizer UndefinedBehaviorSanitizer ThreadSanitizer MemorySanitizer
    `),
    examples: [{ type: "panic", message: "boom" }],
    notOn: [{ type: "panic", message: "dial tcp 10.0.0.4:5432: connect: connection refused", is: "connectivity" }],
  },
  {
    id: "defect-of-a-value",
    class: "code_defect",
    strength: 0.88,
    phrases: phrases(`
      not {a,an} {array,hash,code,scalar,glob,list,map} reference | {resume,resumed,resuming} {a ,}{dead,terminated} {coroutine,fiber,generator}
      malformed pattern | pattern matching failed | pattern match failure | non-exhaustive patterns | missing return
      entered unreachable code | unreachable: | thought to be unreachable | has state * which no branch | no branch handles
      borrowed mutably | already borrowed | char boundary | fromjust | prelude.head | prelude.!! | blocked indefinitely in
      index check failed | range check failed | given key is not an element in the map | called on null
    `),
    examples: ["Not an ARRAY reference at cart.pl line 136.", "unreachable: shipment state 4"],
  },
];
