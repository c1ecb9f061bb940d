/** Operations that ran out of their time budget. Lock waits, pool waits and upstream 504 answers have rules of their own elsewhere. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const TIMEOUT_RULES: readonly Rule[] = [
  {
    id: "timeout-code",
    class: "timeout",
    strength: 0.95,
    codes: names("errno:ETIMEDOUT errno:ESOCKETTIMEDOUT errno:ETIME curl:28 exit:124"),
    types: names(`
      SocketTimeoutException ConnectTimeoutException ReadTimeoutException ReadTimeout ConnectTimeout ReadTimeoutError
      ConnectTimeoutError HttpTimeoutException HttpConnectTimeoutException QueryTimeoutException SQLTimeoutException
      DeadlineExceeded context.deadlineExceededError UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT UND_ERR_CONNECT_TIMEOUT
      ECONNABORTED AsyncRequestTimeoutException SoftTimeLimitExceeded TimeLimitExceeded RequestTimeoutError
      ServerSelectionTimeoutError Net::ReadTimeout Net::OpenTimeout Timeout::Error RedisTimeoutException RequestTimeout
      RequestTimeoutException OperationTimedOutException TaskCanceledException MongoServerSelectionError Faraday::TimeoutError
      ReadTimedOutError
    `),
    examples: [{ type: "java.net.SocketTimeoutException", message: "Read timed out" }],
  },
  {
    id: "timeout-type",
    class: "timeout",
    strength: 0.82,
    types: names("TimeoutError TimeoutException"),
    without: phrases("pool | lock"),
    examples: [{ type: "asyncio.TimeoutError" }],
    notOn: [
      {
        type: "sqlalchemy.exc.TimeoutError",
        message: "QueuePool limit of size 5 overflow 10 reached, connection timed out",
        is: "resource_exhausted",
      },
    ],
  },
  {
    id: "timeout-phrase",
    class: "timeout",
    strength: 0.88,
    types: names("*TimeoutException *TimeoutError *TimedOut *Timeout *TimeoutRejectedException"),
    phrases: phrases(`
      timed out | timeout | time out | timedout | deadline exceeded | deadline has elapsed | deadline elapsed
      time limit exceeded | timelimit exceeded | time budget | took too long | exceeded the time | operation has timed out
      within the allotted time | within the configured | did not respond in time | no response within | did not complete within
      not completed within | exceeded timeout | time allowed | ran out of time | gave up after | gave up waiting | stopped waiting
      no answer within | no reply within | no response after | not finished after | still running after | did not finish in
      did not answer within | waited * seconds | maximum execution time | execution time exceeded
      longer than the limit of * seconds | exceeds the deadline | past its deadline | overdue after | soft time limit
      hard time limit | aborted due to timeout | no heartbeat | has been aborted due to | request aborted | stalled for more than
      blocked for more than | not responding for | watchdog
    `),
    without: phrases(`
      lock wait timeout | lock timeout | could not obtain lock | connection pool | connection is not available | invalid timeout
      timeout must be | gateway timeout | gateway time-out | from the pool | pool lease | connection acquire | waiting for a slot
      checkout timeout | connections busy | timeout is not | not be negative | expected a number | expected integer | invalid value | missing unit in duration | timeout has type
    `),
    examples: ["context deadline exceeded"],
  },
  {
    id: "grpc-deadline",
    class: "timeout",
    strength: 0.96,
    codes: names("grpc:DEADLINE_EXCEEDED"),
    examples: [{ attributes: { "rpc.grpc.status_code": 4 }, message: "4 DEADLINE_EXCEEDED: Deadline exceeded" }],
  },
  {
    id: "http-408",
    class: "timeout",
    strength: 0.9,
    codes: names("http:408"),
    examples: [{ attributes: { "http.response.status_code": 408 }, message: "Request Timeout" }],
  },
  {
    id: "cancelled",
    class: "timeout",
    strength: 0.5,
    codes: names("grpc:CANCELLED errno:ECANCELED"),
    types: names("CancelledError AbortError CancellationException OperationCanceledException"),
    phrases: phrases(`
      operation aborted | operation canceled | stream has been aborted | context canceled | operation was aborted
      operation was canceled | the user aborted a request
    `),
    examples: [{ type: "AbortError", message: "This operation was aborted" }],
    notOn: [{ type: "CancelledError", message: "connection refused", is: "connectivity" }],
  },
  {
    id: "sigalrm",
    class: "timeout",
    strength: 0.75,
    codes: names("signal:SIGALRM"),
    phrases: phrases("alarm clock | start operation timed out | stop sigterm timed out | job is running longer"),
    examples: [{ message: "Alarm clock", attributes: { "process.exit.code": 142 } }],
  },
];
