/** Ruby, PHP, Perl, Erlang and Elixir, Lua, R, Tcl, Dart, shells and their tools. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const SCRIPTING_RULES: readonly Rule[] = [
  {
    id: "ruby-misuse",
    class: "code_defect",
    strength: 0.95,
    types: names(`
      NoMethodError FrozenError FiberError LocalJumpError UncaughtThrowError ActiveRecord::AssociationNotFoundError
      AbstractController::ActionNotFound AssociationTypeMismatch UnknownAttributeError DoubleRenderError
      ActionView::Template::Error ActiveModel::UnknownAttributeError ActiveModel::MissingAttributeError StopIteration
    `),
    phrases: phrases(`
      undefined method * for nil | undefined local variable or method | can't modify frozen | wrong number of arguments (given
      association named * was not found | nil can't be coerced | no implicit conversion of | deadlock; recursive locking
      uninitialized constant | stack level too deep in code | comparison of * with * failed | private method * called
      render and/or redirect were called multiple times
    `),
    without: phrases("uninitialized constant * gem"),
    examples: [
      { type: "NoMethodError", message: "undefined method `total' for nil:NilClass" },
      { type: "ActiveRecord::AssociationNotFoundError", message: "Association named 'lines' was not found on Order" },
    ],
  },
  {
    id: "ruby-set-up",
    class: "configuration",
    strength: 0.965,
    types: names(`
      LoadError Gem::LoadError Gem::MissingSpecError Gem::ConflictError Bundler::GemNotFound Zeitwerk::NameError
      ActiveRecord::NoDatabaseError ActiveRecord::AdapterNotSpecified ActiveRecord::AdapterNotFound MissingKeyError
      ActiveSupport::MessageEncryptor::InvalidMessage ActiveSupport::EncryptedFile::MissingKeyError
    `),
    phrases: phrases(`
      cannot load such file | could not find gem | could not find * in any of the sources | but didn't * to define constant
      expected file * to define constant | we could not find your database
      key not found: "{secret,database,redis,aws,api,rails} | incompatible library version | your ruby version is
      missing secret key base | bundler could not find
    `),
    examples: [
      { type: "LoadError", message: "cannot load such file -- pg" },
      { type: "KeyError", message: 'key not found: "SECRET_KEY_BASE"' },
    ],
  },
  {
    id: "php-misuse",
    class: "code_defect",
    strength: 0.94,
    types: names(`
      ArgumentCountError UndefinedMethodException UnhandledMatchError DivisionByZeroError LazyLoadingViolationException
      MassAssignmentException RelationNotFoundException
    `),
    phrases: phrases(`
      call to undefined {method,function} | call to a member function * on {null,bool,array,string}
      undefined {variable,index,array key,offset,property} | attempt to read property * on | too few arguments to function
      cannot redeclare | cannot modify header information | must be of type * given | unsupported operand types
      array to string conversion | trying to access array offset | trying to get property | cannot use object of type * as array
      return value must be of type | typed property * must not be accessed before initialization
    `),
    examples: [{ type: "Error", message: "Call to a member function total() on null" }],
  },
  {
    id: "php-set-up",
    class: "configuration",
    strength: 0.96,
    types: names(`
      BindingResolutionException ServiceNotFoundException MissingAppKeyException ParameterNotFoundException
      ServiceCircularReferenceException LoaderError Twig\\Error\\LoaderError EnvNotFoundException EntryNotFoundException
    `),
    phrases: phrases(`
      class "* not found | class '* not found | could not find driver | no application encryption key
      target class * does not exist | non existent service | unable to find template | failed opening required | your php version
      requires php | the requested php extension | unable to load dynamic library
      call to undefined function {mb,curl,json,gd,imagick,mysqli,pg,bc,intl,openssl,sodium,simplexml,imagecreate}*
      unable to resolve dependency | view * not found | vite manifest not found
    `),
    examples: [
      { type: "PDOException", message: "could not find driver" },
      { type: "Twig\\Error\\LoaderError", message: 'Unable to find template "orders.html.twig"' },
    ],
  },
  {
    id: "perl-misuse",
    class: "code_defect",
    strength: 0.95,
    phrases: phrases(`
      can't locate object method | can't call method * on {an undefined value,unblessed reference} | use of uninitialized value
      not a {hash,array,code,glob,scalar} reference | can't use string * as * ref | can't use an undefined value
      modification of a read only value | undefined subroutine | global symbol * requires explicit package
      deep recursion on subroutine | illegal division by zero | modification of non creatable
    `),
    examples: ['Can\'t locate object method "totl" via package "Order" at /srv/shop.pl line 4.'],
  },
  {
    id: "perl-set-up",
    class: "configuration",
    strength: 0.965,
    phrases: phrases(`
      in @inc | you may need to install the | base class package * is empty | install driver(* failed
      can't locate loadable object | perl * required this is only | version * required this is only version
      object version * does not match
    `),
    examples: ["Can't locate DBI.pm in @INC (you may need to install the DBI module)"],
  },
  {
    id: "beam-misuse",
    class: "code_defect",
    strength: 0.94,
    types: names(`
      FunctionClauseError CaseClauseError MatchError UndefinedFunctionError ArithmeticError CondClauseError WithClauseError
      BadMapError BadFunctionError BadArityError BadStructError error:function_clause error:case_clause error:undef error:badarith
      error:badfun error:badarity error:badmap error:if_clause Protocol.UndefinedError Ecto.QueryError
    `),
    phrases: phrases(`
      no {function,case,cond} clause matching | no match of right hand side | function clause | case clause | badarith | undef,[
      undefined function | protocol * not implemented for | bad argument in arithmetic | key * not found in:
      not implemented for nil
    `),
    without: phrases(`
      enoent | econnrefused | timeout | econnreset | nxdomain | database url | secret key | binary to term | 'database | jason
      poison | eacces | :error,
    `),
    examples: [
      { type: "FunctionClauseError", message: "no function clause matching in Shop.Cart.total/1" },
      { type: "Protocol.UndefinedError", message: "protocol Enumerable not implemented for nil of type Atom" },
    ],
  },
  {
    id: "beam-noproc",
    class: "dependency_unavailable",
    strength: 0.85,
    types: names("exit:noproc"),
    phrases: phrases("noproc | no process: the process is not alive | no connection to node | nodedown | no process"),
    examples: [{ type: "exit:noproc", message: "{noproc,{gen_server,call,[ledger,status]}}" }],
  },
  {
    id: "beam-queue",
    class: "resource_exhausted",
    strength: 0.97,
    phrases: phrases(`
      dropped from queue after | connection not available and request was dropped | system limit | eheap alloc
      could not checkout the connection | no more index entries in atom tab
    `),
    examples: [
      {
        type: "DBConnection.ConnectionError",
        message: "connection not available and request was dropped from queue after 4000ms",
      },
    ],
  },
  {
    id: "beam-term",
    class: "serialization",
    strength: 0.96,
    types: names(`
      Jason.DecodeError Jason.EncodeError Poison.ParseError Poison.SyntaxError Protobuf.DecodeError UnicodeConversionError
      Msgpax.UnpackError
    `),
    phrases: phrases(`
      binary to term | jason.decodeerror | unexpected byte at position | protocol jason.encoder not implemented
      invalid byte sequence | invalid json
    `),
    examples: [{ type: "error:badarg", message: "{badarg,[{erlang,binary_to_term,[<<131,0>>]}]}", language: "erlang" }],
  },
  {
    id: "beam-closed",
    class: "connectivity",
    strength: 0.9,
    phrases: phrases(`
      error,closed | :error, :closed | tcp closed | ssl closed | tcp recv: closed | tcp connect | tls alert, | failed connect
    `),
    without: phrases("timeout"),
    examples: [{ message: "{error,closed}" }],
    notOn: [{ type: "DBConnection.ConnectionError", message: "tcp recv: timeout", is: "timeout" }],
  },
  {
    id: "database-read-timeout",
    class: "timeout",
    strength: 0.97,
    phrases: phrases(`
      tcp recv: timeout | tcp send: timeout | ssl recv: timeout
      client * timed out because it queued and checked out the connection | read timeout | socket timeout
      request timed out, possibly due to | query timeout | cursor timed out
    `),
    without: phrases("pool"),
    examples: [{ type: "DBConnection.ConnectionError", message: "tcp recv: timeout" }],
  },
  {
    id: "lua-misuse",
    class: "code_defect",
    strength: 0.94,
    phrases: phrases(`
      attempt to {index,call,compare,concatenate,perform arithmetic on,get length of,yield across} * | bad argument #* to
      api disabled in the context of | attempt to call a nil value | attempt to index a nil value
    `),
    without: phrases("timeout"),
    examples: ["lua entry thread aborted: runtime error: cart.lua:7: attempt to index local 'order' (a nil value)"],
  },
  {
    id: "r-and-tcl-misuse",
    class: "code_defect",
    strength: 0.9,
    phrases: phrases(`
      error in * object * not found | subscript out of bounds | argument of length 0
      argument is of length zero | missing value where true/false needed | non numeric argument to * | undefined columns selected
      replacement has * rows | invalid command name | can't read * no such variable | wrong # args | non conformable arguments
      $ operator is invalid for atomic vectors | unused argument | could not find function
    `),
    without: phrases("s3 object | storage object"),
    examples: ["Error in total : object 'vat' not found", 'can\'t read "total": no such variable'],
  },
  {
    id: "r-set-up",
    class: "configuration",
    strength: 0.95,
    phrases: phrases(`
      there is no package called | can't find package | namespace * is already loaded, but | package or namespace load failed
      shared object * not found * library | no package * found
    `),
    examples: ["Error in library(dplyr) : there is no package called ‘dplyr’"],
  },
  {
    id: "dart-misuse",
    class: "code_defect",
    strength: 0.93,
    types: names(`
      LateInitializationError _TypeError _CastError StateError UnimplementedError ConcurrentModificationError FlutterError
    `),
    phrases: phrases(`
      null check operator used on a null value | field * has not been initialized | is not a subtype of type
      bad state: {no element,stream has already been listened to,cannot add,too many elements} | setstate() called after dispose
      renderflex overflowed | the getter * was called on null | the method * was called on null | looking up a deactivated widget
    `),
    examples: ["Null check operator used on a null value", { type: "StateError", message: "Bad state: No element" }],
  },
  {
    id: "shell-usage",
    class: "configuration",
    strength: 0.9,
    phrases: phrases(`
      command not found | unrecognized option | invalid option | illegal option | unknown option | option requires an argument
      bad interpreter | unbound variable | parameter not set | syntax error near unexpected token
      unexpected eof while looking for matching | no such command | missing operand | extra operand | is not a git command
      unknown command | usage: | not recognized as | no such builtin
    `),
    without: phrases("json | validation"),
    examples: ["tar: unrecognized option '--fast'", "deploy.sh: line 4: REGION: unbound variable"],
  },
  {
    id: "archive-damaged",
    class: "data_integrity",
    strength: 0.95,
    types: names(`
      tarfile.ReadError zipfile.BadZipFile BadZipFile zlib.error lzma.LZMAError Z_BUF_ERROR Z_DATA_ERROR BadGzipFile
      DataFormatException UnidentifiedImageError
    `),
    phrases: phrases(`
      not in gzip format | unexpected end of {file,data,archive} | invalid tar header | skipping to next header
      end of central directory | not a zip* | not a valid zip* | incorrect {header,data} check | crc error | crc check failed
      invalid compressed data | invalid distance | cannot find zipfile directory | bad zip* | archive is {corrupt,damaged}
      cannot identify image | premature end of {file,jpeg,jpg,archive} | compressed data is corrupt | file format not recognized
      decompression failed | tar: error is not recoverable | unexpected eof in archive | truncated {file,archive,input}
    `),
    without: phrases(`
      json | json input | yaml | while parsing | parser | xml | stream from | unexpected end of data at line | protobuf
      message body
    `),
    examples: [
      "gzip: stdin: unexpected end of file",
      { type: "tarfile.ReadError", message: "unexpected end of data" },
      "zip: not a valid zip file",
    ],
  },
];
