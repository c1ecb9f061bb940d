/** What peers answer that cannot serve: HTTP (RFC 9110), gRPC (google.rpc.Code), load balancers, brokers and clusters. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const DEPENDENCY_UNAVAILABLE_RULES: readonly Rule[] = [
  {
    id: "http-unavailable",
    class: "dependency_unavailable",
    strength: 0.94,
    codes: names("http:502 http:503 http:504 http:529 http:520 http:521 http:522 http:523 http:524 http:530"),
    types: names(`
      ServiceUnavailable ServiceUnavailableException BadGateway BadGatewayException GatewayTimeout ServiceUnavailableError
      InternalServerErrorException
    `),
    phrases: phrases(`
      service unavailable | bad gateway | gateway timeout | gateway time out | temporarily unavailable | no healthy upstream
      upstream connect error | no live upstreams | overloaded | service is unavailable | is currently unavailable
      try again later | has no available server | no server is available | backend unavailable | unhealthy | maintenance mode
      under maintenance | not ready | shutting down | starting up | is down | drained | draining | in outage
      no available backend | all backends
    `),
    without: phrases(`
      resource temporarily unavailable | too many requests | address already in use | cryptographic
    `),
    examples: [{ attributes: { "http.response.status_code": 503 }, message: "Service Unavailable" }],
  },
  {
    id: "http-server-error",
    class: "dependency_unavailable",
    strength: 0.62,
    codes: names("http:500"),
    types: names("HttpServerErrorException InternalServerError ServerError UpstreamError"),
    phrases: phrases("internal server error | server error | upstream failed | unexpected response from"),
    examples: ["upstream returned error: 500 Internal Server Error"],
    notOn: [{ type: "InternalServerError", message: "division by zero", is: "code_defect" }],
  },
  {
    id: "grpc-unavailable",
    class: "dependency_unavailable",
    strength: 0.85,
    codes: names("grpc:UNAVAILABLE"),
    examples: [{ attributes: { "rpc.grpc.status_code": 14 }, message: "14 UNAVAILABLE: server is draining" }],
  },
  {
    id: "circuit-breaker",
    class: "dependency_unavailable",
    strength: 0.95,
    types: names(`
      CallNotPermittedException BrokenCircuitException CircuitBreakerError CircuitBreakerOpenException HystrixRuntimeException
      BrokenCircuitError EOPENBREAKER CircuitOpenError CircuitBreakerOpen
    `),
    phrases: phrases(`
      circuit breaker | circuitbreaker | breaker is open | circuit is open | circuit is now open | circuit open
    `),
    advice: "Look at the dependency behind the breaker; the breaker itself works as it should.",
    examples: [
      {
        type: "io.github.resilience4j.circuitbreaker.CallNotPermittedException",
        message: "CircuitBreaker 'inventory' is OPEN and does not permit further calls",
      },
    ],
  },
  {
    id: "no-leader",
    class: "dependency_unavailable",
    strength: 0.93,
    types: names(`
      NotLeaderForPartitionException NotLeaderOrFollowerException LeaderNotAvailableException LeaderNotAvailableError
      NotControllerException BrokerNotAvailableException CoordinatorNotAvailableException NotEnoughReplicasException
      NoNodeAvailableException NoHostAvailableException UnavailableException NoServersAvailable KafkaJSNoBrokerAvailableError
      NoBrokersAvailable NotMasterError NotPrimaryError PrimarySteppedDown MasterNotDiscoveredException ClusterDownException
      NoLivingConnectionsError AllBrokersDown
    `),
    phrases: phrases(`
      no leader | leader not available | not the leader | not leader | there is no leader | coordinator not available
      coordinator is not available | broker not available | brokers are down | no brokers available | not enough replicas
      not enough in sync replicas | master not discovered | no master | clusterdown | cluster is down | hash slot not served
      no primary | not primary | no elected | lost quorum | quorum lost | no quorum | all shards failed | no living connections
      no node available | no nodes available | primary stepped down | cluster block exception | etcdserver: leader changed
      cannot achieve consistency level | shard has no | no alive nodes | masterdown
    `),
    examples: ["etcdserver: no leader"],
  },
  {
    id: "read-only-replica",
    class: "dependency_unavailable",
    strength: 0.82,
    codes: names("sqlstate:25006 mysql:1290 mysql:1836"),
    phrases: phrases(`
      read only replica | running with the read only option | in a read only transaction | database is read only
      node is read only
    `),
    examples: ["READONLY You can't write against a read only replica."],
  },
  {
    id: "server-loading",
    class: "dependency_unavailable",
    strength: 0.93,
    codes: names("sqlstate:57P01 sqlstate:57P02 sqlstate:57P03 mysql:1053 mysql:3169"),
    phrases: phrases(`
      loading the dataset in memory | database system is starting up | database system is shutting down
      database system is in recovery mode | the database system is not yet accepting | terminating connection due to administrator
      server shutdown in progress | busy running a script | not accepting connections | server is shutting down
      mongos is shutting down | interrupted at shutdown | broker forced connection closure | connection forced | goaway
      terminating connection because of crash | tablet server | rs not ready
    `),
    advice: "The server restarts or shuts down; check why, and reconnect with backoff.",
    examples: ["LOADING Redis is loading the dataset in memory"],
  },
  {
    id: "upstream-answer",
    class: "dependency_unavailable",
    strength: 0.6,
    phrases: phrases(`
      upstream unavailable | upstream sent invalid | upstream is unavailable | dependency unavailable | provider unavailable
      provider is down | not available right now | currently not available | is not available at the moment | cannot serve
      refuses to serve | peer is busy | server is busy | server too busy | busy, try | server busy | node is not ready
      not in service | out of service
    `),
    examples: ["the rates provider is down"],
    notOn: [{ message: "server busy: too many requests per minute", is: "rate_limited" }],
  },
];
