/** Python, its standard library and the libraries that most services use. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const PYTHON_RULES: readonly Rule[] = [
  {
    id: "python-import",
    class: "configuration",
    strength: 0.97,
    types: names(`
      ModuleNotFoundError ImportError ImproperlyConfigured AppRegistryNotReady SettingsError ConfigError
      MissingEnvironmentVariable UndefinedValueError DistributionNotFound VersionConflict NoAppException ZoneInfoNotFoundError
      DefaultCredentialsError NoRegionError ProfileNotFound PartialCredentialsError
    `),
    phrases: phrases(`
      no module named | cannot import name | most likely due to a circular import | apps aren't loaded yet
      while reading os.environ | dll load failed | requested setting | settings are not configured | no module named
      unable to locate credentials | you must specify a region
    `),
    examples: [{ type: "ModuleNotFoundError", message: "No module named 'psycopg2'" }],
  },
  {
    id: "python-pool-wait",
    class: "resource_exhausted",
    strength: 0.97,
    phrases: phrases(`
      queuepool limit of size | pool limit of size | couldn't get a connection after | connection pool is full | pool exhausted
      no free connections in pool | too many connections in pool
    `),
    types: names("PoolTimeout psycopg_pool.PoolTimeout"),
    examples: [
      {
        type: "sqlalchemy.exc.TimeoutError",
        message: "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
      },
    ],
  },
  {
    id: "lock-not-got",
    class: "conflict",
    strength: 0.96,
    types: names(`
      LockNotAvailable filelock._error.Timeout filelock.Timeout LockError LockTimeout LockWaitTimeout LockAcquisitionException
      LockTimeoutException LockNotOwnedError RedlockError WouldBlock
    `),
    phrases: phrases(`
      lock * could not be acquired | could not acquire lock | {unable to,failed to,cannot} {acquire,obtain} * lock
      database is locked | database table is locked | lock wait timeout | lock request time out
      canceling statement due to lock timeout | waiting for * lock
    `),
    examples: [
      { type: "filelock._error.Timeout", message: "The file lock 'a.lock' could not be acquired." },
      { type: "sqlite3.OperationalError", message: "database is locked" },
    ],
  },
  {
    id: "python-value-misuse",
    class: "code_defect",
    strength: 0.9,
    phrases: phrases(`
      x not in list | not in list | {too many,not enough} values to unpack | could not be broadcast | i/o operation on closed file
      truth value of * is ambiguous | shapes * not aligned | zero size array | must be called from | event loop is already running
      no current event loop | cannot be called from a running event loop | cannot reuse already awaited | result is not set
      takes * positional arguments | can't compare offset naive | unhashable type | generator already executing
      dictionary changed size | no reverse match | reverse for * not found | is not a registered namespace
      outside of application context | outside of request context | 'nonetype' object | object has no attribute
      list index out of range | string index out of range | pop from empty | math domain error | needs to have a value for field
      bound method | no further sql can be emitted | is not bound to a session | instance * is not persisted
      setting an array element
    `),
    types: names(`
      UnboundLocalError AttributeError NoReverseMatch IndexError ZeroDivisionError NotImplementedError DetachedInstanceError
      InvalidStateError IndentationError TabError
    `),
    examples: [
      { type: "ValueError", message: "list.remove(x): x not in list" },
      { type: "ValueError", message: "I/O operation on closed file." },
    ],
  },
  {
    id: "python-key-of-environment",
    class: "configuration",
    strength: 0.975,
    types: names("KeyError"),
    with: phrases(`
      {database,redis,postgres,mysql,amqp,kafka,mongo,s3,aws,api,secret,jwt,smtp,app,service,auth,log,config,payment,stripe,sentry,queue,broker,cache,port,host,base} {url,uri,dsn,host,port,key,secret,token,password,user,region,bucket,name,id,api key,key base,access key,secret key,level,file,path}
      os.environ | environ | env
    `),
    examples: [{ type: "KeyError", message: "'DATABASE_URL'" }],
  },
  {
    id: "python-interpreter-died",
    class: "crash",
    strength: 0.96,
    types: names("WorkerLostError BrokenProcessPool TerminatedWorkerError ProcessExitedException"),
    phrases: phrases(`
      fatal python error | a process in the process pool was terminated abruptly | worker * was sent sig*
      worker exited prematurely | pyeval * segfault | worker (pid:* ) was sent
    `),
    examples: [
      { type: "billiard.exceptions.WorkerLostError", message: "Worker exited prematurely: signal 9 (SIGKILL) Job: 3." },
    ],
  },
  {
    id: "python-decode",
    class: "serialization",
    strength: 0.95,
    types: names(`
      JSONDecodeError UnicodeDecodeError UnicodeEncodeError UnpicklingError PicklingError DecodeError ParserError binascii.Error
      ExpatError XMLSyntaxError MsgpackDecodeError ContentTypeError ResponseDecodingError ScannerError YAMLError TOMLDecodeError
      EmptyDataError SchemaResolutionError struct.error
    `),
    phrases: phrases(`
      expecting value: line | expecting property name | expecting ',' delimiter | codec can't {decode,encode} | invalid start byte
      invalid continuation byte | is not json serializable | unpack requires a buffer | incorrect padding | no element found: line
      not well formed (invalid token) | error tokenizing data | can't pickle | cannot pickle
    `),
    examples: [{ type: "json.decoder.JSONDecodeError", message: "Expecting value: line 1 column 1 (char 0)" }],
  },
  {
    id: "migration-missing",
    class: "data_integrity",
    strength: 0.95,
    types: names(`
      UndefinedTable UndefinedColumn NodeNotFoundError InconsistentMigrationHistory PendingMigrationError
      ActiveRecord::PendingMigrationError MigrationSchemaMissing ChecksumMismatch FlywayValidateException
      ValidationFailedException
    `),
    phrases: phrases(`
      can't locate revision identified by | migrations are pending | pending migration | migration checksum mismatch
      check sum was | no such table | no such column | has no column named | relation * does not exist | column * does not exist
      table * doesn't exist | unknown column | invalid column name | invalid object name | unknown table
      table or view does not exist | migration * {failed,missing,edited,applied but} | was previously applied but
    `),
    severity: "high",
    advice: "Compare the migrations that ran with those of the deployed version before writing more data.",
    examples: [
      { type: "alembic.util.exc.CommandError", message: "Can't locate revision identified by 'ab12'" },
      'sqlx: error returned from database: relation "coupons" does not exist',
    ],
  },
];
