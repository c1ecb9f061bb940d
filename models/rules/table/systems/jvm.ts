/** Java, Kotlin, Scala, Groovy, Clojure and their libraries, where names or words have a meaning of their own. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const JVM_RULES: readonly Rule[] = [
  {
    id: "jvm-linkage",
    class: "configuration",
    strength: 0.96,
    types: names(`
      ClassNotFoundException NoClassDefFoundError NoSuchMethodError NoSuchFieldError UnsupportedClassVersionError
      UnsatisfiedLinkError IncompatibleClassChangeError AbstractMethodError VerifyError LinkageError BootstrapMethodError
      ServiceConfigurationError InaccessibleObjectException
    `),
    phrases: phrases(
      'class file version | no * in java.library.path | more recent version of the java runtime | does not "opens | no suitable driver',
    ),
    examples: [{ type: "java.lang.NoClassDefFoundError", message: "org/slf4j/LoggerFactory" }],
  },
  {
    id: "spring-context",
    class: "configuration",
    strength: 0.96,
    types: names(`
      NoSuchBeanDefinitionException NoUniqueBeanDefinitionException BeanCurrentlyInCreationException
      UnsatisfiedDependencyException ConfigurationPropertiesBindException BeanDefinitionParsingException
      BeanDefinitionStoreException BeanDefinitionOverrideException InvalidConfigDataPropertyException PortInUseException
      MissingRequiredPropertiesException IllegalConfigurationException DeploymentException ConfigException ConfigurationException
      HikariConfigException
    `),
    phrases: phrases(`
      qualifying bean | could not resolve placeholder | failed to configure a datasource | hibernate.dialect | jdbcenvironment
      dialectresolutioninfo | keystore was tampered | failed to bind properties | application failed to start
      web server failed to start | error creating bean
    `),
    without: phrases("connection refused | unknownhost | password authentication failed"),
    examples: [
      {
        type: "org.springframework.beans.factory.NoSuchBeanDefinitionException",
        message: "No qualifying bean of type 'com.shop.Rates' available",
      },
    ],
  },
  {
    id: "bind-address",
    class: "configuration",
    strength: 0.97,
    types: names("java.net.BindException org.jboss.netty.channel.ChannelBindException PortInUseException"),
    codes: names("errno:EADDRINUSE"),
    phrases: phrases(`
      address already in use | only one usage of each socket address | failed to bind | port * already in use
      port is already allocated | bind() to * failed
    `),
    advice: "Find what listens on the port (ss -ltnp), and whether an earlier instance still runs.",
    examples: [
      { type: "java.net.BindException", message: "Address already in use" },
      "listen EADDRINUSE: address already in use :::3000",
    ],
  },
  {
    id: "jdbc-integrity",
    class: "data_integrity",
    strength: 0.62,
    types: names(`
      SQLIntegrityConstraintViolationException DataIntegrityViolationException
      org.hibernate.exception.ConstraintViolationException IntegrityError IntegrityConstraintViolationException
    `),
    examples: [{ type: "java.sql.SQLIntegrityConstraintViolationException", message: "Column 'total' cannot be null" }],
    notOn: [
      {
        type: "java.sql.SQLIntegrityConstraintViolationException",
        message: "Duplicate entry '7' for key 'PRIMARY'",
        is: "conflict",
      },
    ],
  },
  {
    id: "jvm-lifecycle-misuse",
    class: "code_defect",
    strength: 0.95,
    types: names(`
      LazyInitializationException ConcurrentModificationException IllegalMonitorStateException NegativeArraySizeException
      ArrayStoreException TransientPropertyValueException groovy.lang.MissingMethodException groovy.lang.MissingPropertyException
      ArityException UndeclaredThrowableException
    `),
    phrases: phrases(`
      stream has already been operated upon | could not initialize proxy | no session | not allowed after resultset closed
      detached entity passed to persist | commit has already been called | getoutputstream() has already been called
      getreader() has already been called | response has already been committed | executor * terminated | no signature of method
      no such property: | wrong number of args | unable to resolve symbol | should be mapped with insert
    `),
    without: phrases("session expired | no session token"),
    examples: [
      { type: "java.lang.IllegalStateException", message: "stream has already been operated upon or closed" },
      { type: "groovy.lang.MissingMethodException", message: "No signature of method: Order.totl() is applicable" },
    ],
  },
  {
    id: "jackson-recursion",
    class: "serialization",
    strength: 0.97,
    phrases: phrases(`
      infinite recursion (stackoverflowerror) | no serializer found for class | cannot construct instance of | unrecognized field
      cannot deserialize value | no content to map | failed to read http message | could not read json | could not write json
    `),
    examples: [
      {
        type: "com.fasterxml.jackson.databind.JsonMappingException",
        message: "Infinite recursion (StackOverflowError)",
      },
    ],
  },
  {
    id: "jvm-element-absent",
    class: "not_found",
    strength: 0.66,
    types: names("NoSuchElementException MissingResourceException"),
    phrases: phrases("no value present"),
    examples: [{ type: "java.util.NoSuchElementException", message: "no parcel for id 8" }],
    notOn: [{ type: "java.util.NoSuchElementException", is: "code_defect" }],
  },
  {
    id: "jvm-iteration-past-end",
    class: "code_defect",
    strength: 0.7,
    types: names("NoSuchElementException EmptyStackException InputMismatchException"),
    without: phrases("for id | with id | not found | no * for"),
    examples: [{ type: "java.util.NoSuchElementException" }],
  },
  {
    id: "jvm-stream-ended",
    class: "connectivity",
    strength: 0.88,
    types: names(`
      MongoSocketOpenException MongoSocketReadException MongoSocketWriteException JedisConnectionException NativeIoException
      PrematureCloseException AbruptlyClosedException ConnectionShutdownException StreamResetException NoHttpResponseException
      ConnectionClosedException DisconnectException WebSocketHandshakeException
    `),
    phrases: phrases(`
      unexpected end of stream | ssl peer shut down incorrectly | failed to respond | exception opening socket
      connection * refused. check that | connect refused | peer not authenticated | channel closed prematurely
      connection prematurely closed
    `),
    without: phrases("json | gzip | zlib | zip"),
    examples: [
      { type: "redis.clients.jedis.exceptions.JedisConnectionException", message: "Unexpected end of stream." },
    ],
  },
  {
    id: "jvm-pools",
    class: "resource_exhausted",
    strength: 0.96,
    phrases: phrases(`
      hikaripool * connection is not available | unable to acquire jdbc connection | cannot get a connection, pool error
      timeout waiting for idle object | pool error timeout | no managed connections available | acquired from the pool
      failed to obtain jdbc connection * timed out | threads are exhausted | thread pool is exhausted | task * rejected from
      direct buffer memory | unable to create native thread | out of direct memory
    `),
    types: names("OutOfDirectMemoryError PoolExhaustedException CannotAcquireException"),
    examples: [
      {
        type: "java.sql.SQLTransientConnectionException",
        message: "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
      },
    ],
  },
  {
    id: "jvm-fatal",
    class: "crash",
    strength: 0.97,
    phrases: phrases(`
      a fatal error has been detected by the java runtime | hs err pid* | there is insufficient memory for the java runtime
      # internal error (os | problematic frame | jvm is aborting | sigsegv (0xb)
    `),
    examples: ["# A fatal error has been detected by the Java Runtime Environment: SIGSEGV (0xb)"],
  },
];
