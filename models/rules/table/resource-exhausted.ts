/** Local resources that ran out: errno(3), memory, disk, descriptors, pools. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const RESOURCE_EXHAUSTED_RULES: readonly Rule[] = [
  {
    id: "resource-code",
    class: "resource_exhausted",
    strength: 0.94,
    codes: names(`
      errno:ENOSPC errno:EMFILE errno:ENFILE errno:ENOMEM errno:EDQUOT errno:ENOBUFS errno:EUSERS sqlstate:53* sqlstate:54*
      mysql:1040 mysql:1041 mysql:1037 mysql:1038 mysql:1114 mysql:1203 mysql:1226 mysql:1021 oracle:ORA-00018 oracle:ORA-00020
      oracle:ORA-04030 oracle:ORA-04031 oracle:ORA-01653 mssql:1105 mssql:9002 http:507 signal:SIGXFSZ signal:SIGXCPU
    `),
    examples: ["ENOSPC: no space left on device, write"],
  },
  {
    id: "out-of-memory",
    class: "resource_exhausted",
    strength: 0.93,
    types: names(`
      OutOfMemoryError OutOfMemoryException MemoryError InsufficientMemoryException NoMemoryError std::bad_alloc bad_alloc
      StackOverflowError RecursionError SystemStackError StackOverflowException InsufficientExecutionStackException
      ERR_WORKER_OUT_OF_MEMORY HeapExhaustedError
    `),
    phrases: phrases(`
      stack depth limit exceeded | invalid string length | super carrier | failed to create * carrier | out of memory
      outofmemory | java heap space | gc overhead limit | metaspace | unable to create native thread
      unable to create new native thread | heap limit | heap out of memory | cannot allocate memory | can't allocate memory
      could not allocate | unable to allocate | failed to allocate | cannot allocate | cannot reserve | memory exhausted
      allowed memory size | memory allocation of | allocation failed | allocation failure | not enough memory
      insufficient memory | memory limit | exceeded memory | maxmemory | oom command not allowed | used memory >
      maximum recursion depth | maximum call stack size exceeded | stack level too deep | stack overflow | stack limit
      invalid array length | array buffer allocation failed | eheap alloc | capacity overflow | memory pressure | max memory
      low memory | circuit breaking exception | data too large, data for
    `),
    without: phrases("killed process | oom kill | oomkilled"),
    severity: "critical",
    retryable: false,
    advice: "Compare memory in use with its limit, and look for growth since the last start.",
    examples: [{ type: "java.lang.OutOfMemoryError", message: "Java heap space" }],
  },
  {
    id: "disk-full",
    class: "resource_exhausted",
    strength: 0.96,
    types: names("DiskFull Errno::ENOSPC ER_DISK_FULL"),
    phrases: phrases(`
      no space left on device | no space left | disk full | disk is full | not enough space on the disk | not enough disk space
      insufficient disk space | insufficient storage | disk quota exceeded | file size limit exceeded | volume is full
      low on disk | high disk watermark | flood stage disk watermark | the table * is full | could not extend file
      unable to extend | filesystem is full | disk free limit | disk usage exceeded | out of disk | wal segment * no space
      the transaction log for database * is full | ran out of space | no room left | out of space | out of inodes
    `),
    severity: "critical",
    advice: "Free or add disk space on the file system that is named; check what grew.",
    examples: ["write /var/lib/data/000012.log: no space left on device"],
  },
  {
    id: "descriptors",
    class: "resource_exhausted",
    strength: 0.95,
    types: names("Errno::EMFILE"),
    phrases: phrases(`
      too many open files | file descriptors | file descriptor limit | descriptor limit | inotify watches | inotify instances
      emfile | too many open cursors | maximum open cursors | worker connections are not enough | ulimit | process limit
      atom tab | system limit | too many processes | retry: resource temporarily unavailable
      fork: resource temporarily unavailable | can't start new thread | failed to create thread | can't create thread
      no more processes | pthread create failed | semaphore limit | ephemeral ports | out of ports
    `),
    examples: ["accept4() failed (24: Too many open files)"],
  },
  {
    id: "pool-exhausted",
    class: "resource_exhausted",
    strength: 0.94,
    types: names(`
      RejectedExecutionException PoolExhaustedException PoolTimeoutError ConnectionPoolTimeoutException TaskRejectedException
      QueueFullError queue.Full PoolTimeout BulkheadFullException BulkheadRejectedException KnexTimeoutError
      SequelizeConnectionAcquireTimeoutError ConnectionAcquireTimeoutError ActiveRecord::ConnectionTimeoutError
      ConnectionTimeoutError PoolEmptyError P2024 NoSuchPoolConnection MaxClientsInSessionMode PoolClosed TooManyConnections
      TooManyConnectionsError QueueFull BufferExhaustedException ER_CON_COUNT_ERROR ThreadPoolRejectedException
      EsRejectedExecutionException ER_TOO_MANY_USER_CONNECTIONS BufferError
      ConnectionPool::TimeoutError PoolAcquireTimeoutException ConnectionRequestTimeoutException PoolAcquirePendingLimitException
      BufferOverflowException JedisExhaustedPoolException MongoWaitQueueTimeoutError SqlConnectionPoolTimeout
    `),
    phrases: phrases(`
      connection is not available, request timed out | connection not available, request timed out | pool exhausted
      pool is exhausted | pool exhaustion | pool is full | pool was full | pool timed out
      timed out while waiting for a connection from the pool | timeout waiting for connection from pool
      timed out fetching a new connection from the connection pool | timeout acquiring a connection
      prior to obtaining a connection from the pool | timeout expired. the timeout period elapsed prior to obtaining
      could not get a resource from the pool | could not obtain connection from pool | unable to acquire a connection
      no connection available in pool | no available connections | queuepool limit | connection pool | too many connections
      too many clients | remaining connection slots | max number of clients reached | maximum number of connections
      max user connections | connection limit | max connections | no free connection | no more connections | no connections left
      thread pool | threadpool | queue is full | queue full | queue capacity | queue limit | queue overflow | backlog is full
      buffer is full | buffer exhausted | no free slots | no slot left | all workers are busy | no idle worker | bulkhead
      rejected from java.util.concurrent.threadpoolexecutor | executor is saturated | no buffer space | max clients reached
      connection not available | semaphore wait | server reached pm.max children | pm.max children | could not checkout connection
      dropped from queue after | connection not available and request was dropped | too many sessions | all connections are in use
      every connection is in use | no permits left | free slots | waiting for a slot | pool lease | connections busy
      checkout timeout | pool of {size,limit} | pool limit of | couldn't get a connection | full channel | are busy | timed out waiting for connection
      waiting for an open connection | pending acquire queue | buffer overflow | mailbox over
    `),
    severity: "high",
    retryable: true,
    advice: "Compare connections or threads in use with the pool's size; look for ones that are not given back.",
    examples: ["HikariPool-1 - Connection is not available, request timed out after 30000ms."],
  },
  {
    id: "grpc-memory",
    class: "resource_exhausted",
    strength: 0.9,
    codes: names("grpc:RESOURCE_EXHAUSTED"),
    with: phrases("memory | allocate | buffer | disk | thread | pool | queue | connections"),
    examples: ["RESOURCE_EXHAUSTED: cannot allocate buffer"],
  },
];
