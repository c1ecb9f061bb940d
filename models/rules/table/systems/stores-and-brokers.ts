/** MongoDB, Redis, Elasticsearch, etcd, ZooKeeper, Kafka, AMQP, NATS, MQTT: their answers and names. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const STORE_RULES: readonly Rule[] = [
  {
    id: "mongo-selection",
    class: "connectivity",
    strength: 0.85,
    types: names(`
      MongoServerSelectionError ServerSelectionTimeoutError MongooseServerSelectionError MongoNetworkError
      MongoConnectionException AutoReconnect NetworkTimeout ConnectionFailure
    `),
    with: phrases(`
      econnrefused | connection refused | enotfound | getaddrinfo | name or service | no such host | econnreset
      connection closed | nodename | unreachable
    `),
    examples: [{ type: "MongooseServerSelectionError", message: "connect ECONNREFUSED 127.0.0.1:27017" }],
  },
  {
    id: "mongo-schema-validation",
    class: "data_integrity",
    strength: 0.9,
    codes: names("mongo:121"),
    phrases: phrases("document failed validation"),
    examples: [{ type: "MongoServerError", message: "Document failed validation" }],
  },
  {
    id: "mongo-conflict",
    class: "conflict",
    strength: 0.96,
    types: names("MongoBulkWriteError VersionError WriteConflict DuplicateKey"),
    phrases: phrases(`
      writeconflict | write conflict during plan execution | please retry your operation or multi document transaction
      no matching document found for id * version
    `),
    examples: [
      {
        type: "MongoServerError",
        message:
          "WriteConflict error: this operation conflicted with another operation. Please retry your operation or multi-document transaction.",
      },
    ],
  },
  {
    id: "mongo-not-primary",
    class: "dependency_unavailable",
    strength: 0.96,
    types: names(`
      NotPrimaryError NotWritablePrimary PrimarySteppedDown InterruptedAtShutdown InterruptedDueToReplStateChange
      ShutdownInProgress NotYetInitialized
    `),
    phrases: phrases(`
      not primary | not master | node is recovering | no primary available for writes
      could not find host matching read preference | no replica set members | no suitable servers found
    `),
    examples: ["NotWritablePrimary: not primary"],
  },
  {
    id: "redis-answers",
    class: "dependency_unavailable",
    strength: 0.95,
    phrases: phrases(`
      clusterdown | masterdown | tryagain multiple keys | loading redis is loading | noreplicas
      busy redis is busy running a script | unkillable | misconf redis is configured to save rdb | readonly you can't write
    `),
    without: phrases("no space left"),
    examples: ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
  },
  {
    id: "redis-out-of-memory",
    class: "resource_exhausted",
    strength: 0.97,
    phrases: phrases(`
      oom command not allowed when used memory | max number of clients reached | err max number of clients
      can't save in background: fork | maxmemory
    `),
    examples: ["OOM command not allowed when used memory > 'maxmemory'."],
  },
  {
    id: "redis-misuse",
    class: "code_defect",
    strength: 0.93,
    phrases: phrases(`
      wrongtype operation against a key | err wrong number of arguments for | crossslot keys in request
      execabort transaction discarded | err multi calls can not be nested | err exec without multi | err syntax error
      err unknown command | noscript no matching script | err no such key
    `),
    examples: ["WRONGTYPE Operation against a key holding the wrong kind of value"],
  },
  {
    id: "redis-value",
    class: "invalid_input",
    strength: 0.9,
    phrases: phrases(`
      err value is not an integer or out of range | value is not an integer or out of range | err value is not a valid float
      err invalid expire time | err bit offset is not an integer
    `),
    examples: ["ERR value is not an integer or out of range"],
  },
  {
    id: "elastic-blocked",
    class: "resource_exhausted",
    strength: 0.96,
    types: names(`
      circuit_breaking_exception es_rejected_execution_exception EsRejectedExecutionException CircuitBreakingException
    `),
    phrases: phrases(`
      flood stage disk watermark | data too large, data for | rejected execution of | too many dynamic script compilations
      maximum shards open | trying to create too many scroll contexts | too many buckets | queue capacity
      this action would add * shards
    `),
    examples: [
      {
        type: "ResponseError",
        message: "circuit_breaking_exception: [parent] Data too large, data for [<http_request>] would be [1020/1gb]",
      },
    ],
  },
  {
    id: "elastic-unavailable",
    class: "dependency_unavailable",
    strength: 0.95,
    types: names(`
      master_not_discovered_exception cluster_block_exception no_shard_available_action_exception unavailable_shards_exception
      search_phase_execution_exception NoNodeAvailableException NoLivingConnectionsError RemoteSolrException
    `),
    phrases: phrases(`
      all shards failed | no active replicas found | primary shard is not active | state not recovered | no living connections
      none of the configured nodes are available | no alive nodes | no servers hosting shard
    `),
    without: phrases("index read only | parse | parsing | read only allow delete"),
    examples: [{ type: "ResponseError", message: "master_not_discovered_exception" }],
  },
  {
    id: "elastic-conflict",
    class: "conflict",
    strength: 0.96,
    types: names("version_conflict_engine_exception resource_already_exists_exception VersionConflictEngineException"),
    phrases: phrases("version conflict, {document,required,current} | required seqno | document already exists"),
    examples: [
      "version_conflict_engine_exception: [7]: version conflict, document already exists (current version [1])",
    ],
  },
  {
    id: "elastic-mapping",
    class: "invalid_input",
    strength: 0.85,
    types: names(`
      mapper_parsing_exception document_parsing_exception query_shard_exception parsing_exception illegal_argument_exception
      strict_dynamic_mapping_exception x_content_parse_exception
    `),
    phrases: phrases(`
      failed to parse field | failed to parse query | mapping set to strict | result window is too large | fielddata is disabled
    `),
    examples: ["mapper_parsing_exception: failed to parse field [total] of type [float]"],
  },
  {
    id: "index-missing",
    class: "not_found",
    strength: 0.95,
    types: names(`
      index_not_found_exception resource_not_found_exception search_context_missing_exception IndexNotFoundException
      NamespaceNotFound CollectionNotFound
    `),
    phrases: phrases(`
      no such index | ns not found | no such collection | no search context found | unknown topic | no such stream | no key group
    `),
    examples: ["index_not_found_exception: no such index [orders-2031]"],
  },
  {
    id: "coordination-lost",
    class: "dependency_unavailable",
    strength: 0.95,
    types: names("NoServersAvailable KeeperException.SessionExpiredException"),
    phrases: phrases(`
      etcdserver: {no leader,leader changed,not capable,server stopped,unhealthy cluster} | raft: not leader | no cluster leader
      rpc error: no cluster leader | zookeeper is not currently serving requests | no raft leader | quorum not available
      too few nodes
    `),
    examples: ["rpc error making call: No cluster leader"],
  },
  {
    id: "session-with-coordinator",
    class: "connectivity",
    strength: 0.88,
    types: names(`
      KeeperException.ConnectionLossException ConnectionLossException SessionExpiredException SessionMovedException
    `),
    phrases: phrases(`
      keepererrorcode = connectionloss | keepererrorcode = session expired | connectionloss for
      unable to read additional data from server sessionid | client session timed out, have not heard
    `),
    examples: [
      {
        type: "org.apache.zookeeper.KeeperException$ConnectionLossException",
        message: "KeeperErrorCode = ConnectionLoss for /locks/7",
      },
    ],
  },
  {
    id: "etcd-and-keeper-keys",
    class: "not_found",
    strength: 0.94,
    types: names("KeeperException.NoNodeException NoNodeException NoNodeError"),
    phrases: phrases(`
      keepererrorcode = nonode | etcdserver: requested lease not found | key not found * etcd | nonode for
    `),
    examples: ["KeeperErrorCode = NoNode for /config/rates"],
  },
  {
    id: "etcd-space",
    class: "resource_exhausted",
    strength: 0.97,
    phrases: phrases(`
      mvcc: database space exceeded | etcdserver: too many requests * memory | jetstream * insufficient resources
      insufficient storage resources available | maximum consumers exceeded | memory alarm | disk alarm | alarm set
      memory resource limit alarm | disk free limit | maxmsgs exceeded | maximum bytes exceeded | maximum messages exceeded
      local: queue full | buffer memory exhausted | failed to allocate memory within the configured max blocking time
      slow consumer
    `),
    types: names("BufferExhaustedException ERR__QUEUE_FULL"),
    examples: ["etcdserver: mvcc: database space exceeded", { type: "KafkaException", message: "Local: Queue full" }],
  },
  {
    id: "kafka-unavailable",
    class: "dependency_unavailable",
    strength: 0.96,
    types: names(`
      NotLeaderOrFollowerException NotLeaderForPartitionException LeaderNotAvailableException NotEnoughReplicasException
      NotEnoughReplicasAfterAppendException CoordinatorNotAvailableException CoordinatorLoadInProgressException
      NotCoordinatorException NotControllerException BrokerNotAvailableException PreferredLeaderNotAvailableException
      KafkaStorageException OffsetNotAvailableException ReplicaNotAvailableException
    `),
    phrases: phrases(`
      there is no leader for this topic partition | not the leader for that topic | coordinator is {not available,loading}
      fewer in sync replicas than required | messages are rejected since there are fewer | not the correct controller
      brokers are down | all broker connections are down
    `),
    examples: [
      {
        type: "org.apache.kafka.common.errors.NotEnoughReplicasException",
        message: "Messages are rejected since there are fewer in-sync replicas than required.",
      },
    ],
  },
  {
    id: "kafka-time",
    class: "timeout",
    strength: 0.95,
    phrases: phrases(`
      not present in metadata after * ms | failed to update metadata after | expiring * record(s) for
      timed out waiting for a node assignment | timeout expired while fetching topic metadata | delivery timeout
      timeout of * expired before | message timed out | local: message timed out | local: timed out
    `),
    examples: [
      {
        type: "org.apache.kafka.common.errors.TimeoutException",
        message: "Expiring 12 record(s) for orders-0:120000 ms has passed since batch creation",
      },
    ],
  },
  {
    id: "kafka-group",
    class: "conflict",
    strength: 0.86,
    types: names(`
      CommitFailedException RebalanceInProgressException IllegalGenerationException FencedInstanceIdException
      ProducerFencedException InvalidProducerEpochException FencedLeaderEpochException UnknownMemberIdException
      OutOfOrderSequenceException TopicExistsException ConcurrentTransactionsException DuplicateSequenceException
      InconsistentGroupProtocolException
    `),
    phrases: phrases(`
      group has already rebalanced | rebalance is in progress | generation id is not valid
      newer producer with the same transactionalid | topic * already exists | has been fenced
    `),
    examples: [
      {
        type: "org.apache.kafka.clients.consumer.CommitFailedException",
        message: "Offset commit cannot be completed since the consumer group has already rebalanced",
      },
    ],
  },
  {
    id: "kafka-absent",
    class: "not_found",
    strength: 0.96,
    types: names(`
      UnknownTopicOrPartitionException UnknownTopicIdException GroupIdNotFoundException OffsetOutOfRangeException
      NoOffsetForPartitionException ERR__UNKNOWN_TOPIC ERR__UNKNOWN_PARTITION UNKNOWN_TOPIC_OR_PARTITION
    `),
    phrases: phrases(`
      this server does not host this topic partition | unknown topic or partition | topic * not present in metadata
      fetch position * is out of range | no such queue
    `),
    without: phrases("not present in metadata after"),
    examples: ["Local: Broker: Unknown topic or partition"],
  },
  {
    id: "kafka-encoding",
    class: "serialization",
    strength: 0.95,
    types: names(`
      SerializationException AvroTypeException AvroRuntimeException RestClientException RecordDeserializationException
      InvalidProtobufException AvroMissingFieldException SchemaParseException IncompatibleSchemaException
    `),
    phrases: phrases(`
      error deserializing key/value | unknown magic byte | error {serializing,deserializing} avro message
      schema being registered is incompatible | incompatible with an earlier schema | subject * not found; error code: 404*
      not in union | schema not found; error code: 40403 | expected * got * union
    `),
    examples: [
      { type: "org.apache.kafka.common.errors.SerializationException", message: "Unknown magic byte!" },
      {
        type: "io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException",
        message: "Schema being registered is incompatible with an earlier schema",
      },
    ],
  },
  {
    id: "kafka-access",
    class: "access_denied",
    strength: 0.96,
    types: names(`
      TopicAuthorizationException GroupAuthorizationException ClusterAuthorizationException SaslAuthenticationException
      TransactionalIdAuthorizationException TOPIC_AUTHORIZATION_FAILED GROUP_AUTHORIZATION_FAILED ProbableAuthenticationError
      ProbableAccessDeniedError AuthenticationFailureException
    `),
    phrases: phrases(`
      not authorized to access {topics,group} | sasl authentication {failed,error} | access refused | access * refused for user
      login was refused using authentication mechanism | authorization violation | permissions violation for
      not authorised to {publish,subscribe,connect} | connection refused: not authorized | bad user name or password
      nats: authorization
    `),
    examples: ["ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN."],
  },
  {
    id: "amqp-channel",
    class: "not_found",
    strength: 0.95,
    codes: names("amqp:404"),
    phrases: phrases(`
      not found no {queue,exchange,binding,vhost} | no queue '* in vhost | no exchange '* in vhost | nats: stream not found
      nats: consumer not found
    `),
    examples: ["NOT_FOUND - no queue 'orders' in vhost '/'"],
  },
  {
    id: "amqp-precondition",
    class: "conflict",
    strength: 0.85,
    codes: names("amqp:405 amqp:406"),
    phrases: phrases(`
      precondition failed inequivalent arg | resource locked cannot obtain exclusive access | inequivalent arg
      wrong last sequence
    `),
    examples: ["RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'orders'"],
  },
  {
    id: "amqp-broker-away",
    class: "dependency_unavailable",
    strength: 0.94,
    codes: names("amqp:320 amqp:541"),
    phrases: phrases(`
      connection forced broker forced connection closure | broker forced connection closure | nats: no responders available
      no responders | nats: server is shutting down | connection refused: server unavailable | server unavailable | lame duck mode
      vhost * is down
    `),
    examples: [
      "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
      "nats: no responders available for request",
    ],
  },
  {
    id: "heartbeat-missed",
    class: "connectivity",
    strength: 0.85,
    phrases: phrases(`
      missed heartbeats from client | heartbeat{s,} {missed,timeout,timed out} | no heartbeat from | nats: stale connection
      exceeded the keep alive | exceeded timeout, disconnecting | client disconnected unexpectedly | socket error on client
      keepalive ping failed | too many pings | ping timeout
    `),
    examples: ["missed heartbeats from client"],
  },
  {
    id: "message-size",
    class: "invalid_input",
    strength: 0.92,
    types: names(`
      RecordTooLargeException MessageTooLargeError MessageTooLargeException MessageSizeTooLargeException DocumentTooLarge
      BSONObjectTooLarge
    `),
    phrases: phrases(`
      maximum payload violation | nats: maximum payload exceeded | larger than the * message max bytes | message size too large
      message is * bytes when serialized which is larger | precondition failed message size | bson obj size
      object to insert too large | document is larger than | item size has exceeded the maximum | object too large for cache
      received message larger than max
    `),
    examples: ["nats: maximum payload exceeded"],
  },
];
