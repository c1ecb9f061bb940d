/** Concurrent and duplicate changes: HTTP, gRPC, errno and the exception types of object mappers. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const CONFLICT_RULES: readonly Rule[] = [
  {
    id: "conflict-code",
    class: "conflict",
    strength: 0.93,
    codes: names(`
      http:409 http:412 http:423 http:428 grpc:ABORTED grpc:ALREADY_EXISTS errno:EEXIST errno:EDEADLK errno:ETXTBSY
    `),
    examples: [{ attributes: { "http.response.status_code": 409 }, message: "Conflict" }],
  },
  {
    id: "conflict-type",
    class: "conflict",
    strength: 0.94,
    types: names(`
      DeadlockLoserDataAccessException DeadlockDetected DeadlockException OptimisticLockException
      OptimisticLockingFailureException ObjectOptimisticLockingFailureException StaleObjectStateException StaleStateException
      StaleDataError StaleObjectError ActiveRecord::StaleObjectError DbUpdateConcurrencyException DBConcurrencyException
      ConcurrencyException ConcurrencyError DuplicateKeyException DuplicateKeyError UniqueViolation UniqueViolationError
      UniqueConstraintViolationException RecordNotUnique ActiveRecord::RecordNotUnique UniqueConstraintError SerializationFailure
      SerializationFailureException CannotSerializeTransactionException CannotAcquireLockException PessimisticLockException
      PessimisticLockingFailureException LockTimeoutException LockNotAvailable LockAcquisitionException
      ConditionalCheckFailedException ConditionalCheckFailed TransactionCanceledException TransactionConflictException
      VersionConflictEngineException VersionConflictException ConflictException ConflictError Conflict FileExistsError
      FileAlreadyExistsException AlreadyExistsException AlreadyExists AlreadyExistsError ResourceExistsError EntityExistsException
      ResourceInUseException OperationAborted PreconditionFailed PreconditionFailedException ER_DUP_ENTRY ER_LOCK_DEADLOCK
      ER_LOCK_WAIT_TIMEOUT P2002 P2034 WriteConflict VersionError LockError LockedError Ecto.StaleEntryError Ecto.ConstraintError
      RebalanceInProgressException CommitFailedException CommitFailedError IllegalGenerationException ProducerFencedException
      InvalidPidMappingException TopicExistsException EntityAlreadyExists BucketAlreadyExists BucketAlreadyOwnedByYou
      Errno::EEXIST OverlappingFileLockException StaleElementReferenceException ResourceVersionConflict ConcurrentUpdateException
      ConcurrentTransactionException DuplicateError Deadlocked TransactionRetryWithProtoRefreshError RetryableError
    `),
    examples: [
      {
        type: "org.springframework.orm.ObjectOptimisticLockingFailureException",
        message: "Row was updated or deleted by another transaction",
      },
    ],
  },
  {
    id: "conflict-phrase",
    class: "conflict",
    strength: 0.9,
    phrases: phrases(`
      lock * is taken | holds the * lock | lock is taken | moved on | writer expected | other instance | is taken by
      lost the race | was faster | newer version exists | already holds | is held by | held by another | deadlock
      deadlock found when trying to get lock | could not serialize access | serialization failure | lock wait timeout
      lock wait timeout exceeded | lock timeout | lock request time out | could not obtain lock | could not acquire lock
      unable to acquire lock | failed to acquire lock | cannot acquire lock | still waiting for
      resource busy and acquire with nowait | database is locked | database table is locked | file is locked | is locked by
      locked by another | another process has | being used by another process | in use by another | lock is held | lock held by
      already locked | already held | already exists | already exist | file exists | duplicate key | duplicate entry | duplicate record
      duplicate request | duplicate order | duplicate | unique constraint | unique violation | uniqueness | already registered
      already in use by | already been used | has already been taken | already taken | already processed | already paid
      already shipped | already running | already started | already claimed | already assigned | already booked
      already closed by | optimistic lock | optimistic locking | stale object | stale version | stale data | version conflict
      version mismatch on row | row version | updated by another transaction | updated or deleted by another transaction
      modified by another | modified since | changed since | changed by another | changed by someone | changed meanwhile
      edited meanwhile | was edited | somebody else | someone else | another user | another worker | another session
      another request | another instance | concurrent modification of | concurrent update | concurrent change | concurrently
      write conflict | transaction conflict | conditional request failed | precondition failed | etag mismatch
      etag does not match | object has been modified | resource version | conflict | expected to update 1 row
      expected to affect 1 row | expected version | offset commit failed | rebalance in progress | rebalanced and assigned
      the group has rebalanced | group is rebalancing | transaction was aborted due to | restart transaction | snapshot isolation
      exclusive access could not be obtained | being accessed by other users | non fast forward | merge conflict | fetch first
      lost update | raced with | reserved by | double booking | idempotency key | expectedversion | unable to lock | watched key
      execabort | txn conflict | cas mismatch | compare and swap | booked by
    `),
    without: phrases(`
      version conflict between | port is already | dependency conflict | address already in use | all workers
    `),
    examples: ["could not serialize access due to concurrent update"],
  },
];
