/** nginx, HAProxy, Envoy, Apache, Varnish; HTTP/2, TLS, DNS, SMTP, LDAP, SSH, FTP, SMB and NFS as their tools print them. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const PROTOCOL_RULES: readonly Rule[] = [
  {
    id: "proxy-upstream-away",
    class: "dependency_unavailable",
    strength: 0.93,
    phrases: phrases(`
      no live upstreams | no healthy upstream | has no server available | no server is available to handle this request
      proxy * no server available | is down, reason | backend fetch failed | no backend connection
      upstream sent {too big header,invalid header,no valid} | all backends are down | no servers could be reached by proxy
      ah00052 * exit signal proxy | guru meditation | first byte timeout | worker is in error state | disabling worker for
      ah01114 | ah00959 | upstream connect error or disconnect | upstream reset before response | cluster not found
      upstream overflow | response flags uh
    `),
    without: phrases("connection refused | timed out * connecting to upstream"),
    examples: ["no live upstreams while connecting to upstream, client: 10.0.0.1, server: shop"],
  },
  {
    id: "proxy-upstream-slow",
    class: "timeout",
    strength: 0.95,
    phrases: phrases(`
      upstream timed out | upstream request timeout | client timed out
      {while,when} reading response header from upstream * timed out | ah01102 * timeout | ah01075 * timeout
      the timeout specified has expired | first byte timeout | script timed out before returning headers
      upstream response timeout | 504 ut | backend read error * timeout | client request timeout | request header timeout
      clientbodytimeout
    `),
    examples: ["upstream timed out (110: Connection timed out) while reading response header from upstream"],
  },
  {
    id: "haproxy-termination",
    class: "timeout",
    strength: 0.9,
    phrases: phrases("stream * sh * 504 | sc * 503 * timeout | <bad req> * cr | http 408"),
    with: phrases("haproxy"),
    examples: ["haproxy[12]: 10.0.0.1:5000 shop/app1 0/0/1/-1/30002 504 217 stream sH-- 504 Gateway"],
  },
  {
    id: "proxy-config",
    class: "configuration",
    strength: 0.95,
    phrases: phrases(
      'host not found in upstream * {in /,in c:} | unknown directive | directive is not {terminated,allowed} | unexpected end of file, expecting | invalid number of arguments in | conflicting server name | invalid command * perhaps misspelled | syntax error on line * of | cannot load {certificate,certificate key} * | no "ssl certificate" is defined | duplicate listen options | unknown keyword * in | parsing [ | error(s) found in configuration file | fatal errors found in configuration | message from vcc compiler | configuration file * test failed | protocol error: proxy configuration | missing timeouts for',
    ),
    examples: [
      '[emerg] unknown directive "proxy_pas" in /etc/nginx/nginx.conf:12',
      '[emerg] host not found in upstream "stock" in /etc/nginx/conf.d/shop.conf:4',
    ],
  },
  {
    id: "proxy-full",
    class: "resource_exhausted",
    strength: 0.95,
    phrases: phrases(`
      worker connections are not enough | server reached {pm.max children,maxrequestworkers} | reached maxrequestworkers
      scoreboard is full | proxy reached * connections | could not allocate new session in * shared memory zone
      upstream circuit breaker overflow | uo response flag | out of workspace
      seems busy (you may need to increase pm.start servers | backlog exceeded | listen queue overflow | possible syn flooding
    `),
    examples: ["1024 worker_connections are not enough while connecting to upstream"],
  },
  {
    id: "proxy-limits-request-rate",
    class: "rate_limited",
    strength: 0.96,
    phrases: phrases(`
      limiting {requests,connections} | limiting requests, excess | delaying request, excess | local rate limited
      ratelimit * deny | enhance your calm | enhance calm | stick table * deny | too many concurrent streams
    `),
    examples: ['limiting requests, excess: 20.480 by zone "api", client: 10.0.0.1'],
  },
  {
    id: "http2-stream",
    class: "connectivity",
    strength: 0.86,
    phrases: phrases(`
      rst stream | stream closed with error code | http/2 stream * was not closed cleanly | nghttp2 internal error
      nghttp2 refused stream | goaway received | received goaway | protocol error * http2 | http2 framing layer
      stream id * internal error | stream terminated by rst stream | server sent goaway | unknown http2 | quic * idle
      connection idle timeout | received rst stream
    `),
    without: phrases("no error 0x0 * enhance"),
    examples: ["stream terminated by RST_STREAM with error code: INTERNAL_ERROR"],
  },
  {
    id: "tls-words",
    class: "connectivity",
    strength: 0.95,
    codes: names(`
      tls:10 tls:20 tls:21 tls:22 tls:40 tls:42 tls:43 tls:44 tls:45 tls:46 tls:47 tls:48 tls:49 tls:50 tls:51 tls:70 tls:71
      tls:80 tls:86 tls:109 tls:112 tls:116 tls:120
    `),
    phrases: phrases(`
      wrong version number | unknown protocol | unsupported protocol | dh key too small | ee key too small | no ciphers available
      alert {handshake failure,bad certificate,unknown ca,certificate unknown,certificate expired,certificate required,protocol version,unrecognized name,decrypt error}
      sslv3 alert | tlsv1 alert | tlsv13 alert | certificate verify failed | self signed certificate | unable to get local issuer
      depth zero self | pkix path building failed | peer certificate * | no required ssl certificate was sent
      ssl do handshake() failed | ssl handshake aborted | bad record mac | decryption failed or bad record
      unsafe legacy renegotiation | certificate has expired | hostname mismatch | tlsv1 unrecognized name | record overflow
      first record does not look like a tls | http request was sent to https port | not trusted by the provider | gnutls handshake
      certificate is not trusted | invalid common name | certificateunknown | certificate not valid for
    `),
    without: phrases("no such file | cannot load certificate | private key mismatch"),
    examples: ["SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:SSL alert number 40"],
  },
  {
    id: "dns-answers",
    class: "connectivity",
    strength: 0.96,
    phrases: phrases(`
      nxdomain | servfail | status: refused * dns | no servers could be reached | connection timed out; no servers
      could not resolve host* | temporary failure in name resolution | name or service not known | nodename nor servname
      no address associated with | server can't find | dns probe finished | dns * {failed,failure,error,timed out,timeout,lookup}
      name resolution | unknownhost* | host * not found: | non existent domain | no answer from name server | eai again
      name does not resolve | bad hostname
    `),
    without: phrases("config test | in /etc/nginx"),
    examples: ["** server can't find payments.internal: NXDOMAIN"],
  },
  {
    id: "smtp-access",
    class: "access_denied",
    strength: 0.95,
    codes: names(`
      smtp:530 smtp:535 smtp:534 smtp:5.7.0 smtp:5.7.1 smtp:5.7.3 smtp:5.7.8 smtp:5.7.9 smtp:5.7.26 smtp:5.7.60
    `),
    types: names("SMTPAuthenticationError SMTPSenderRefused AuthenticationFailedException EAUTH"),
    phrases: phrases(`
      username and password not accepted | relay access denied | relaying denied | client host rejected
      sender address rejected: not owned | authentication credentials invalid | blocked using | spf check failed | dmarc policy
    `),
    examples: ["535 5.7.8 Username and Password not accepted", "554 5.7.1 <kim@example.com>: Relay access denied"],
  },
  {
    id: "smtp-recipient",
    class: "not_found",
    strength: 0.94,
    codes: names("smtp:550 smtp:551 smtp:553 smtp:5.1.1 smtp:5.1.2 smtp:5.1.10 smtp:5.1.6 smtp:5.4.4"),
    types: names("SMTPRecipientsRefused"),
    phrases: phrases(`
      user unknown in | recipient address rejected | no such user here | mailbox unavailable | no mailbox here | mailbox not found
      unrouteable address | recipient not found | domain not found | null mx
    `),
    without: phrases("access denied | greylist*"),
    examples: ["550 5.1.1 <lena@example.com>: Recipient address rejected: User unknown in local recipient table"],
  },
  {
    id: "smtp-later",
    class: "dependency_unavailable",
    strength: 0.88,
    codes: names("smtp:421 smtp:450 smtp:451 smtp:4.3.0 smtp:4.3.2 smtp:4.7.1 smtp:4.4.2"),
    phrases: phrases(`
      greylisted | greylisting in action | service not available, closing transmission | temporarily deferred
      temporary local problem | try again later * smtp | system not accepting network messages | temporary lookup failure
    `),
    without: phrases("rate | too many | limit exceeded"),
    examples: ["451 4.7.1 Greylisting in action, please come back later"],
  },
  {
    id: "smtp-full",
    class: "resource_exhausted",
    strength: 0.92,
    codes: names("smtp:452 smtp:552 smtp:4.2.2 smtp:5.2.2 smtp:4.3.1 smtp:5.3.1"),
    phrases: phrases(`
      mailbox full | over quota * mailbox | insufficient system storage | mailbox is full | user is over quota
    `),
    examples: ["452 4.2.2 Mailbox full"],
  },
  {
    id: "ldap-access",
    class: "access_denied",
    strength: 0.95,
    codes: names("ldap:48 ldap:49 ldap:50 ldap:8 ldap:13"),
    phrases: phrases(`
      ldap * invalid credentials | acceptsecuritycontext error | ldap: error code 49 | ldap result code 49
      insufficient access rights | strong auth required | kinit: | preauthentication failed
      clients credentials have been revoked | krb5 * {expired,denied} | gss failure | ticket expired | no kerberos credentials
      server not found in kerberos database
    `),
    examples: [
      "LDAP: error code 49 - 80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 52e",
    ],
  },
  {
    id: "ldap-entries",
    class: "not_found",
    strength: 0.92,
    codes: names("ldap:32 ldap:16"),
    phrases: phrases("ldap * no such object | no such object (32)"),
    examples: ["ldap_search: No such object (32)"],
  },
  {
    id: "ldap-exists",
    class: "conflict",
    strength: 0.92,
    codes: names("ldap:68 ldap:20"),
    phrases: phrases("ldap * already exists | entry already exists"),
    examples: ["ldap_add: Already exists (68)"],
  },
  {
    id: "ldap-away",
    class: "connectivity",
    strength: 0.93,
    codes: names("ldap:81 ldap:91"),
    phrases: phrases("can't contact ldap server | ldap * server down"),
    examples: ["ldap_bind: Can't contact LDAP server (-1)"],
  },
  {
    id: "ldap-busy",
    class: "dependency_unavailable",
    strength: 0.9,
    codes: names("ldap:51 ldap:52"),
    phrases: phrases("ldap * {busy,unavailable,unwilling to perform}"),
    examples: ["LDAP: error code 51 - server is busy"],
  },
  {
    id: "ssh-denied",
    class: "access_denied",
    strength: 0.955,
    phrases: phrases(`
      permission denied (publickey | permission denied (password | permission denied, please try again
      too many authentication failures | unable to authenticate, attempted methods | no supported authentication methods
      no supported methods remain | userauth failed | auth fail | load key * invalid | unprotected private key file
      bad permissions * key | agent refused operation | could not read username for | authentication failed for 'http*
      support for password authentication was removed | repository access denied | not authorized to access this repository
      remote: http basic: access denied | denied to | deploy key
    `),
    examples: [
      "git@example.com: Permission denied (publickey).",
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
    ],
  },
  {
    id: "ssh-transport",
    class: "connectivity",
    strength: 0.94,
    phrases: phrases(`
      ssh: connect to host * | kex exchange identification | ssh exchange identification | connection closed by remote host
      connection closed by * port 22 | host key verification failed | remote host identification has changed
      no matching {host key type,key exchange method,cipher,mac} found | broken pipe * ssh | the remote end hung up unexpectedly
      early eof | client loop: send disconnect | packet corrupt * ssh | connection closed by * [preauth]
    `),
    without: phrases("timed out"),
    examples: ["ssh: connect to host build-4 port 22: No route to host", "fatal: the remote end hung up unexpectedly"],
  },
  {
    id: "git-conflict",
    class: "conflict",
    strength: 0.955,
    phrases: phrases(`
      merge conflict in | automatic merge failed | non fast forward | updates were rejected because | failed to push some refs
      another git process seems to be running | index.lock': file exists | would be overwritten by {merge,checkout}
      could not apply * | you have unmerged paths | cannot lock ref | fetch first | needs merge | conflict (content)
      already checked out at
    `),
    advice: "Fetch, rebase or merge, and try again.",
    examples: [
      "Unable to create '/srv/repo/.git/index.lock': File exists. Another git process seems to be running",
      "! [rejected] main -> main (non-fast-forward)",
    ],
  },
  {
    id: "git-absent",
    class: "not_found",
    strength: 0.95,
    phrases: phrases(`
      repository not found | couldn't find remote ref | pathspec * did not match | unknown revision or path
      not a valid object name | does not appear to be a git repository | not a git repository | bad revision
      remote branch * not found | no such remote | reference is not a tree | manifest for * not found | manifest unknown
      pull access denied * does not exist | no such image | no such container
    `),
    examples: ["error: pathspec 'release-9' did not match any file(s) known to git"],
  },
  {
    id: "git-corrupt",
    class: "data_integrity",
    strength: 0.955,
    phrases: phrases(`
      loose object * is corrupt | object file * is empty | packfile * {is corrupt,cannot be accessed,checksum} | bad object
      sha1 mismatch | index file corrupt | bad signature 0x* | inflate: data stream error | object * is corrupted
      unable to unpack * header | digest mismatch | failed to verify digest | unexpected digest
    `),
    examples: ["error: object file .git/objects/ab/cd is empty fatal: loose object abcd is corrupt"],
  },
  {
    id: "share-stale",
    class: "dependency_unavailable",
    strength: 0.8,
    phrases: phrases(`
      nfs: server * not responding | stale file handle | stale nfs file handle | server * not responding, still trying
      nt status {bad network name,io timeout,no logon servers} | cifs * server * has not responded
    `),
    codes: names("errno:ESTALE"),
    examples: ["nfs: server files-2 not responding, still trying"],
  },
  {
    id: "share-denied",
    class: "access_denied",
    strength: 0.955,
    phrases: phrases(`
      nt status {logon failure,access denied,account locked out,password expired,wrong password}
      access denied by server while mounting | mount error(13) | logon failure | tree connect failed: nt status access denied
    `),
    examples: ["session setup failed: NT_STATUS_LOGON_FAILURE"],
  },
  {
    id: "curl-exit",
    class: "connectivity",
    strength: 0.95,
    codes: names(`
      curl:5 curl:6 curl:7 curl:35 curl:51 curl:52 curl:55 curl:56 curl:58 curl:60 curl:77 curl:83 curl:92 curl:95 curl:96 curl:97
    `),
    phrases: phrases(`
      couldn't connect to server | failed to connect to * port | empty reply from server | ssl certificate problem
      ssl connect error | received http code * from proxy after connect | recv failure | send failure | transfer closed with
    `),
    without: phrases("operation timed out"),
    examples: ["curl: (7) Failed to connect to rates port 8080 after 2 ms: Couldn't connect to server"],
  },
];
