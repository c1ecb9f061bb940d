/** Connections, name resolution, TLS: errno(3), getaddrinfo(3), OpenSSL's verify codes, curl's exit codes, and what HTTP clients print. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const CONNECTIVITY_RULES: readonly Rule[] = [
  {
    id: "connection-refused",
    class: "connectivity",
    strength: 0.95,
    codes: names("errno:ECONNREFUSED curl:7"),
    types: names("ConnectionRefusedError HttpHostConnectException"),
    phrases: phrases(`
      connection refused | connectionrefused | actively refused it | could not connect to server | failed to connect to * port
      connect call failed | couldn't connect to host
    `),
    advice: "Check that the peer's process runs and listens on that address and port.",
    examples: ["connect ECONNREFUSED 10.0.0.8:5432"],
  },
  {
    id: "connection-reset",
    class: "connectivity",
    strength: 0.93,
    codes: names(`
      errno:ECONNRESET errno:EPIPE errno:ECONNABORTED errno:ENETRESET errno:ENOTCONN errno:ESHUTDOWN curl:52 curl:55 curl:56
    `),
    types: names(`
      ConnectionResetError BrokenPipeError ConnectionAbortedError ClientAbortException RemoteDisconnected ServerDisconnectedError
      ClosedChannelException ConnectionClosedError
    `),
    phrases: phrases(`
      connection reset | connection was reset | broken pipe | socket hang up | connection aborted | other side closed
      premature close | connection closed prematurely | connection was closed | connection closed by
      connection was forcibly closed | remote end closed connection | server closed the connection
      closed the connection unexpectedly | prematurely closed connection | unexpected eof on client connection
      connection has been closed | connection lost | lost connection | server has gone away | empty reply from server
      software caused connection abort | transport endpoint is not connected | socket is closed | socket closed | stream reset by
      unexpected disconnect | server disconnected | connection terminated unexpectedly
      ssl connection has been closed unexpectedly | upstream prematurely closed | reset by peer | communications link failure
      the connection is closed | connection is closed | forcibly closed by the remote host | early eof
      use of closed network connection | not connected to | closed before message completed | failed to fill whole buffer
      connection error
    `),
    severity: "medium",
    examples: ["read ECONNRESET"],
  },
  {
    id: "name-resolution",
    class: "connectivity",
    strength: 0.96,
    codes: names("errno:ENOTFOUND errno:EAI_AGAIN errno:EAI_NONAME errno:EAI_FAIL errno:EDNS curl:6 curl:5"),
    types: names(`
      UnknownHostException gaierror NameResolutionError DnsNameResolverTimeoutException UnresolvedAddressException DNSError
    `),
    phrases: phrases(`
      name resolution | nameresolutionfailure | could not resolve host | couldn't resolve host | name or service not known
      no such host | getaddrinfo | nodename nor servname | unknown host | host not found in upstream
      could not translate host name | failed to lookup address | no address associated with hostname | nxdomain
      could not be resolved | dns lookup failed | dns resolution failed | failed to resolve | temporary failure in name resolution
      no such host is known | dns error | cannot resolve hostname | name does not resolve | php network getaddresses
    `),
    advice: "Check the host name and the resolver that this machine or pod uses.",
    examples: ["getaddrinfo ENOTFOUND payments.internal"],
  },
  {
    id: "no-route",
    class: "connectivity",
    strength: 0.95,
    codes: names("errno:EHOSTUNREACH errno:ENETUNREACH errno:EHOSTDOWN errno:ENETDOWN errno:EADDRNOTAVAIL"),
    types: names("NoRouteToHostException PortUnreachableException"),
    phrases: phrases(`
      no route to host | network is unreachable | network unreachable | host is down | host unreachable | network is down
      cannot assign requested address | unreachable host
    `),
    examples: ["dial tcp 10.1.2.3:443: connect: no route to host"],
  },
  {
    id: "connect-failed",
    class: "connectivity",
    strength: 0.75,
    types: names(`
      ConnectException ConnectionError NewConnectionError ClientConnectorError ConnectError ECONNECTION ConnectionException
      RedisConnectionException CommunicationsException BrokerTransportFailure NoBrokersAvailable AMQPConnectionError
      ConnectionFailure NetworkError ApiConnectionError EndpointConnectionError SQLNonTransientConnectionException
      SQLTransientConnectionException MongoNetworkError KafkaConnectionError
    `),
    phrases: phrases(`
      unable to connect | failed to connect | cannot connect | could not connect | can't connect | connection failed
      connect failed | could not establish connection | could not open connection | failed to establish a new connection
      connection attempt failed | error connecting to | network error | unable to reach | could not reach | not reachable
      failed connect | handshake failed | no connection could be made | connection could not be established
      unable to open connection | brokertransportfailure | i/o error on post request | i/o error on get request | lost link
      link is down | went silent
    `),
    without: phrases("too many connections | password authentication failed"),
    examples: [{ type: "java.net.ConnectException", message: "Failed to connect to inventory/10.0.0.4:8080" }],
  },
  {
    id: "socket-generic",
    class: "connectivity",
    strength: 0.55,
    types: names(`
      SocketException HttpRequestException URLError TransportError Mint.TransportError SocketError
    `),
    examples: [{ type: "java.net.SocketException", message: "Unexpected" }],
    notOn: [{ type: "java.net.SocketException", message: "Too many open files", is: "resource_exhausted" }],
  },
  {
    id: "fetch-failed",
    class: "connectivity",
    strength: 0.93,
    phrases: phrases("fetch failed | failed to fetch | load failed | networkerror when attempting to fetch"),
    examples: [{ type: "TypeError", message: "fetch failed" }],
  },
  {
    id: "tls-verification",
    class: "connectivity",
    strength: 0.96,
    codes: names("curl:35 curl:60 curl:51 curl:58"),
    types: names(`
      System.Security.Authentication.AuthenticationException SSLHandshakeException SSLCertVerificationError SSLError
      CertificateException CertPathBuilderException SunCertPathBuilderException ValidatorException SSLPeerUnverifiedException
      CertificateExpiredException CertificateNotYetValidException SSLException UNABLE_TO_VERIFY_LEAF_SIGNATURE
      DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY ERR_SSL_WRONG_VERSION_NUMBER EPROTO UnknownAuthorityError HostnameError
    `),
    phrases: phrases(`
      certificate verify failed | certificate has expired | self signed certificate | unable to verify the first certificate
      unable to get local issuer certificate | certificate signed by unknown authority | pkix path | tls handshake | ssl handshake
      wrong version number | certificate is not valid | certificate is not trusted | certificate unknown | unknown ca
      hostname/ip does not match certificate | altnames | hostname mismatch | certificate revoked | certificate is expired
      sslv3 alert | tlsv1 alert | no peer certificate | x509 | invalid peer certificate | unknownissuer
      ssl connection could not be established | secure channel | trust relationship | handshake failure | no shared cipher
      unsupported protocol version | peer certificate | certificate expired | cert has expired | expired certificate
      certificate common name | ssl routines | bad certificate | no appropriate protocol | protocol version not supported
    `),
    without: phrases("no such file | password"),
    severity: "high",
    retryable: false,
    advice: "Check the peer certificate's chain, host name and expiry, and this machine's trust store and clock.",
    examples: ["x509: certificate signed by unknown authority"],
  },
  {
    id: "ssh-host-key",
    class: "connectivity",
    strength: 0.85,
    phrases: phrases(`
      host key verification failed | remote host identification has changed | kex exchange identification
    `),
    examples: ["Host key verification failed."],
  },
  {
    id: "websocket-closed",
    class: "connectivity",
    strength: 0.8,
    types: names("ConnectionClosedError WebSocketDisconnect WebSocketException ConnectionClosed"),
    phrases: phrases(`
      websocket connection closed | websocket: close 1006 | abnormal closure | no close frame received
    `),
    examples: ["websocket: close 1006 (abnormal closure): unexpected EOF"],
  },
  {
    id: "proxy-protocol",
    class: "connectivity",
    strength: 0.8,
    types: names("ProxyError"),
    phrases: phrases(`
      proxy connect aborted | tunnel connection failed | cannot connect to proxy | socks connect failed
    `),
    examples: [{ type: "requests.exceptions.ProxyError", message: "Cannot connect to proxy." }],
  },
];
