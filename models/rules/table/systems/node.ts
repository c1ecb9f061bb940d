/** Node, Deno and Bun, TypeScript, and the libraries that most services use. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const NODE_RULES: readonly Rule[] = [
  {
    id: "node-module",
    class: "configuration",
    strength: 0.97,
    types: names(`
      MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND ERR_PACKAGE_PATH_NOT_EXPORTED ERR_REQUIRE_ESM ERR_UNKNOWN_FILE_EXTENSION
      ERR_DLOPEN_FAILED ERR_UNSUPPORTED_DIR_IMPORT ERR_INVALID_PACKAGE_TARGET UnknownDependenciesException
      UndefinedDependencyException PrismaClientInitializationError ERESOLVE EBADENGINE ERR_UNKNOWN_BUILTIN_MODULE
    `),
    phrases: phrases(`
      cannot find module | cannot find package | can't resolve dependencies of | was compiled against a different node.js version
      node module version | is not exported from package | unsupported engine | could not resolve dependency
      prisma client did not initialize | unknown authentication strategy | missing script: | not a valid win32 application
      wrong elf class
    `),
    examples: [{ type: "Error", message: "Cannot find module 'express'" }],
  },
  {
    id: "node-spawn",
    class: "configuration",
    strength: 0.965,
    phrases: phrases(`
      spawn * enoent | spawn * eacces | command not found | executable file not found
      is not recognized as an internal or external command | failed at step exec | exec format error
      no such file or directory: '{ffmpeg,convert,git,node,python,python3,java,wkhtmltopdf,pdftotext,gs,curl,magick,pandoc,libreoffice,soffice,docker,kubectl,bash,sh}
      bad interpreter | could not find executable | unable to spawn | executable needs to be in
    `),
    codes: names("exit:127 exit:126"),
    examples: [{ type: "Error", message: "spawn convert ENOENT" }, "bash: line 3: jq: command not found"],
    notOn: [{ type: "Error", message: "ENOENT: no such file or directory, open '/data/in.csv'", is: "not_found" }],
  },
  {
    id: "node-listen-denied",
    class: "configuration",
    strength: 0.975,
    phrases: phrases(`
      listen eacces | listen eperm | bind: permission denied | bind() to * permission denied | listen eaddrnotavail
      permission denied) to bind
    `),
    examples: [{ type: "Error", message: "listen EACCES: permission denied 0.0.0.0:80" }],
  },
  {
    id: "upper-case-setting",
    class: "configuration",
    strength: 0.955,
    phrases: phrases(`
      {database,redis,postgres,mysql,amqp,kafka,mongo,mongodb,s3,aws,api,jwt,smtp,app,service,auth,log,payment,stripe,sentry,queue,broker,cache,session,cookie,encryption,signing,webhook,secret,client,private,public,server} {url,uri,dsn,host,port,key,secret,token,password,user,region,bucket,name,id,api key,key base,access key,secret key,level,file,path,base url} {is ,was ,must be ,has to be ,}{not defined,undefined,not set,missing,unset,required,set,empty}
      {process,missing,required,set,undefined,define} {env,environment} {var,variable,variables} | environment variable*
      env var* | .env file | process.env | getenv | required key * missing value | export * before {starting,running}
    `),
    without: phrases("rust backtrace"),
    examples: [{ type: "Error", message: "JWT_SECRET is not defined" }],
  },
  {
    id: "node-pool",
    class: "resource_exhausted",
    strength: 0.965,
    phrases: phrases(`
      timeout exceeded when trying to connect | resourcerequest timed out
      timeout acquiring a connection. the pool is probably full | operation timed out * pool | timed out fetching a new connection
      sorry, too many clients | no connections available * pool | pool is draining | reached heap limit
      ineffective mark compacts | invalid array buffer length | array buffer allocation failed
    `),
    types: names("P2024 KnexTimeoutError ConnectionAcquireTimeoutError ERR_WORKER_OUT_OF_MEMORY"),
    examples: [{ type: "Error", message: "timeout exceeded when trying to connect" }],
  },
  {
    id: "node-misuse",
    class: "code_defect",
    strength: 0.95,
    types: names(`
      ERR_HTTP_HEADERS_SENT ERR_STREAM_WRITE_AFTER_END ERR_STREAM_DESTROYED ERR_STREAM_PUSH_AFTER_EOF ERR_INVALID_ARG_TYPE
      ERR_INVALID_ARG_VALUE ERR_UNHANDLED_REJECTION ERR_INVALID_RETURN_VALUE ERR_ASSERTION ERR_METHOD_NOT_IMPLEMENTED
      ERR_SERVER_ALREADY_LISTEN ERR_UNHANDLED_ERROR ReferenceError PrismaClientValidationError PrismaClientRustPanicError
      ParallelSaveError OverwriteModelError MissingSchemaError
    `),
    phrases: phrases(`
      already been released to the pool | release called on client | cannot read properties of | cannot set properties of
      is not a function | is not iterable | is not a constructor | assignment to constant variable | before initialization
      reduce of empty array | cannot set headers after they are sent | callback was already called | already called
      argument must be of type | body is unusable | body has already been read | body used already | invalid hook call
      maximum update depth | too many re renders | digits argument must be between | precision * out of range
      cannot convert undefined or null | cannot destructure property | unhandledpromiserejection | argument * is missing
      unknown argument * did you mean | cannot overwrite * model once compiled | schema hasn't been registered
      getter but no setter | converting circular structure
    `),
    without: phrases("circular structure to json | module"),
    examples: [
      { type: "Error", message: "Release called on client which has already been released to the pool." },
      { type: "TypeError", message: "Cannot read properties of undefined (reading 'id')" },
    ],
  },
  {
    id: "circular-json",
    class: "serialization",
    strength: 0.96,
    phrases: phrases(`
      converting circular structure to json | cyclic object value | do not know how to serialize a bigint
      unexpected token * in json | is not valid json | unexpected end of json | in json at position | unterminated string in json
      json.parse: | invalid json | could not be cloned | expected double quoted property name
    `),
    types: names("DataCloneError BSONError MalformedFormatError"),
    examples: [{ type: "TypeError", message: "Converting circular structure to JSON" }],
  },
  {
    id: "undici-terminated",
    class: "connectivity",
    strength: 0.9,
    types: names(`
      UND_ERR_SOCKET ERR_SOCKET_CLOSED ERR_STREAM_PREMATURE_CLOSE ERR_HTTP2_STREAM_ERROR ERR_HTTP2_SESSION_ERROR
      ERR_HTTP2_GOAWAY_SESSION MongoNetworkError PROTOCOL_CONNECTION_LOST NR_CLOSED ERR_NETWORK ERR_TLS_CERT_ALTNAME_INVALID
      ERR_SSL_* P1001 SequelizeConnectionError SequelizeConnectionRefusedError SequelizeHostNotFoundError
      SequelizeHostNotReachableError ConnectionRefused
    `),
    phrases: phrases(`
      other side closed | socket hang up | terminated * typeerror | read econnreset | client network socket disconnected
      redis connection to * failed | connection ended unexpectedly | connection terminated unexpectedly
      websocket was closed before
    `),
    examples: [{ type: "SocketError", message: "other side closed" }],
  },
  {
    id: "prisma-codes",
    class: "conflict",
    strength: 0.96,
    types: names(`
      P2002 P2034 ER_DUP_ENTRY ER_LOCK_DEADLOCK ER_LOCK_WAIT_TIMEOUT SQLITE_BUSY SQLITE_LOCKED SQLITE_CONSTRAINT_UNIQUE
      SQLITE_CONSTRAINT_PRIMARYKEY VersionError SequelizeUniqueConstraintError SequelizeOptimisticLockError
    `),
    examples: [
      { type: "PrismaClientKnownRequestError", message: "P2002: Unique constraint failed on the fields: (`email`)" },
    ],
  },
  {
    id: "orm-not-found-codes",
    class: "not_found",
    strength: 0.94,
    types: names(`
      P2025 P2001 P2015 P2018 DocumentNotFoundError EntityNotFoundError SequelizeEmptyResultError ERR_FS_FILE_NOT_FOUND
      SQLITE_NOTFOUND
    `),
    examples: [{ type: "PrismaClientKnownRequestError", message: "P2025: Record to update not found." }],
  },
  {
    id: "orm-schema-codes",
    class: "data_integrity",
    strength: 0.94,
    types: names(`
      P2003 P2011 P2014 P2021 P2022 P2023 P3009 P3018 ER_NO_SUCH_TABLE ER_BAD_FIELD_ERROR ER_NO_REFERENCED_ROW_2
      ER_ROW_IS_REFERENCED_2 ER_BAD_NULL_ERROR ER_NO_DEFAULT_FOR_FIELD SQLITE_CORRUPT SQLITE_NOTADB SQLITE_CONSTRAINT_FOREIGNKEY
      SQLITE_CONSTRAINT_NOTNULL SQLITE_CONSTRAINT_CHECK SQLITE_SCHEMA SequelizeForeignKeyConstraintError
    `),
    examples: [{ type: "PrismaClientKnownRequestError", message: "P2003: Foreign key constraint failed on the field" }],
  },
];
