/** Throttling: HTTP 429 and what providers and client libraries call it. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const RATE_LIMITED_RULES: readonly Rule[] = [
  {
    id: "rate-limited",
    class: "rate_limited",
    strength: 0.95,
    codes: names("http:429 smtp:4.7.28 smtp:4.2.1"),
    types: names(`
      ThrottlingException TooManyRequestsException RateLimitError RateLimitExceeded RateLimitException
      ProvisionedThroughputExceededException RequestLimitExceeded SlowDown Throttling ThrottledException LimitExceededException
      QuotaExceededException TooManyRequests RequestNotPermitted PolicyViolationException RateLimitedError Throttled
      RateLimitRejectedException ResourceExhausted QuotaExceeded QuotaExceededError RequestThrottled RequestThrottledException
      TooManyRequestsError RateLimiterError
    `),
    phrases: phrases(`
      too many requests | rate limit | rate limited | ratelimit | rate exceeded | throttled | throttling | quota exceeded
      exceeded your current quota | quota has been exceeded | exceeded quota | over quota | slow down | reduce your request rate
      requests per minute | requests per second | request limit | retry after | limit reached for | daily limit
      api calls exceeded | too many login attempts | too many attempts | too many messages | limiting requests
      limiting connections | calls per | usage limit | monthly limit | allowance used up | requests have been exceeded
      provisioned throughput | burst limit | sending too fast | receiving mail at a rate | back off | backoff requested
      per hour exceeded | per minute exceeded | maximum number of requests | hit the limit of | quota of | quota
    `),
    without: phrases("disk quota | memory quota | out of memory"),
    examples: ["Rate exceeded"],
  },
  {
    id: "grpc-resource-exhausted",
    class: "rate_limited",
    strength: 0.7,
    codes: names("grpc:RESOURCE_EXHAUSTED"),
    examples: [{ attributes: { "rpc.grpc.status_code": 8 }, message: "quota for tenant used up" }],
  },
];
