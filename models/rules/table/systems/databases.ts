/** PostgreSQL, MySQL, MariaDB, Oracle, SQL Server, SQLite, Db2, Cassandra, ClickHouse: their words and their numbers. */
import { names, phrases } from "../../list.ts";
import type { Rule } from "../../rule.ts";

export const DATABASE_RULES: readonly Rule[] = [
  {
    id: "sql-duplicate",
    class: "conflict",
    strength: 0.97,
    codes: names(`
      sqlstate:23505 sqlstate:23P01 mysql:1062 mysql:1022 mysql:1169 mysql:1557 mysql:1586 mssql:2627 mssql:2601 oracle:ORA-00001
      mongo:11000 mongo:11001 mongo:11002 sqlite:2067 sqlite:1555 db2:-803
    `),
    phrases: phrases(`
      duplicate {key,entry,value,record,row} | unique constraint {failed,violated} | violates unique constraint
      violates exclusion constraint | violation of {unique key,primary key} constraint | unique index or primary key violation
      e11000 | cannot insert duplicate key | must be unique | has already been taken
    `),
    without: phrases("foreign key"),
    advice: "Make the writer idempotent by this key, or answer that the thing exists already.",
    retryable: false,
    examples: [
      {
        attributes: { "db.response.status_code": "23505" },
        message: 'duplicate key value violates unique constraint "orders_pkey"',
      },
      "ERROR 1062 (23000): Duplicate entry '7' for key 'PRIMARY'",
    ],
  },
  {
    id: "sql-deadlock",
    class: "conflict",
    strength: 0.97,
    codes: names(`
      sqlstate:40001 sqlstate:40P01 mysql:1213 mysql:1614 mssql:1205 mssql:3960 oracle:ORA-00060 oracle:ORA-08177 mongo:112
      db2:-911 db2:-913
    `),
    phrases: phrases(`
      deadlock {detected,found,victim} | deadlocked on lock resources | could not serialize access | was deadlocked
      serialization failure | write conflict | transaction * restart | retry write too old | restart transaction
      transactionretry* | snapshot isolation transaction aborted | try restarting transaction
    `),
    advice: "Retry the whole transaction; take locks in one order.",
    examples: [
      "Transaction (Process ID 52) was deadlocked on lock resources with another process and has been chosen as the deadlock victim.",
    ],
  },
  {
    id: "sql-lock-wait",
    class: "conflict",
    strength: 0.97,
    codes: names(`
      sqlstate:55P03 sqlstate:55006 mysql:1205 mysql:3572 mysql:1015 mssql:1222 oracle:ORA-00054 oracle:ORA-30006 sqlite:5
      sqlite:6 db2:-904
    `),
    phrases: phrases(`
      lock wait timeout exceeded | lock request time out period exceeded | could not obtain lock on
      canceling statement due to lock timeout | resource busy and acquire with nowait | database is locked
      database table is locked | lock timeout | metadata lock | is being accessed by other users
    `),
    advice: "Find the transaction that holds the lock, and why it stays open.",
    examples: ["Lock wait timeout exceeded; try restarting transaction"],
  },
  {
    id: "sql-constraint",
    class: "data_integrity",
    strength: 0.95,
    codes: names(`
      sqlstate:23000 sqlstate:23001 sqlstate:23502 sqlstate:23503 sqlstate:23514 mysql:1048 mysql:1216 mysql:1217 mysql:1364
      mysql:1451 mysql:1452 mysql:3819 mysql:4025 mssql:515 mssql:547 oracle:ORA-01400 oracle:ORA-01407 oracle:ORA-02290
      oracle:ORA-02291 oracle:ORA-02292 sqlite:787 sqlite:1299 sqlite:275 db2:-530 db2:-532 db2:-407
    `),
    phrases: phrases(`
      violates {foreign key,not null,check} constraint | foreign key constraint {fails,failed} | foreign key mismatch
      conflicted with the {foreign key,check,reference} constraint | not null constraint failed | check constraint failed
      cannot insert {null,the value null} | cannot add or update a child row | cannot delete or update a parent row
      parent key not found | child record found | doesn't have a default value | column * cannot be null
      is still referenced from | referential integrity
    `),
    without: phrases("duplicate entry | unique constraint failed | duplicate key"),
    examples: [
      'insert or update on table "orders" violates foreign key constraint "fk_customer"',
      {
        type: "java.sql.SQLIntegrityConstraintViolationException",
        message: "Cannot add or update a child row: a foreign key constraint fails",
      },
    ],
  },
  {
    id: "sql-schema",
    class: "data_integrity",
    strength: 0.95,
    codes: names(`
      sqlstate:42P01 sqlstate:42703 sqlstate:42S02 sqlstate:42S22 sqlstate:3F000 sqlstate:42704 mysql:1054 mysql:1146 mysql:1109
      mysql:1091 mysql:1305 mssql:207 mssql:208 oracle:ORA-00942 oracle:ORA-00904 oracle:ORA-04043 db2:-204 db2:-206 clickhouse:60
      clickhouse:47 clickhouse:16
    `),
    phrases: phrases(`
      relation * does not exist | column * does not exist | table * doesn't exist | table * does not exist | unknown column
      invalid column name | invalid object name | no such {table,column} | unknown table | table or view does not exist
      invalid identifier | unconfigured table | undefined column | has no column named | type * does not exist
      there is no unique constraint matching
    `),
    without: phrases("parse error"),
    examples: ['ERROR: relation "coupons" does not exist', "ORA-00942: table or view does not exist"],
  },
  {
    id: "sql-corruption",
    class: "data_integrity",
    strength: 0.96,
    codes: names(`
      sqlstate:XX001 sqlstate:XX002 mysql:126 mysql:127 mysql:134 mysql:144 mysql:145 mysql:1034 mysql:1194 mysql:1195 mssql:823
      mssql:824 mssql:825 mssql:5180 oracle:ORA-01578 oracle:ORA-01110 oracle:ORA-08103 sqlite:11 sqlite:26 clickhouse:40
      clickhouse:228
    `),
    phrases: phrases(`
      invalid page in block | could not read block | page verification failed | database disk image is malformed
      file is not a database | is marked as crashed | incorrect key file for table | data block corrupted | missing chunk number
      bad file format reading the append only file | short read or oom loading db | wrong signature trying to load | crc error in
      checksum doesn't match | compressed data checksum | invalid page header | log sequence number * future
      index * contains unexpected zero page | heap tid from | tuple concurrently * corrupt | corruptsstable | corrupt sstable
      innodb: * corrupt* | broken part
    `),
    severity: "critical",
    advice: "Stop writing, take a copy, and restore the damaged part from a verified backup.",
    examples: ["database disk image is malformed", "Table './shop/orders' is marked as crashed and should be repaired"],
  },
  {
    id: "statement-timeout",
    class: "timeout",
    strength: 0.97,
    codes: names(`
      sqlstate:57014 mysql:3024 mysql:1969 mysql:1317 mssql:-2 oracle:ORA-01013 oracle:ORA-12170 oracle:ORA-12535 oracle:ORA-03136
      clickhouse:159 clickhouse:209 mongo:50 mongo:262
    `),
    phrases: phrases(`
      due to statement timeout | maximum statement execution time exceeded | max statement time exceeded
      query execution was interrupted | execution timeout expired | operation exceeded time limit | timeout exceeded: elapsed
      due to idle in transaction timeout | idle transaction timeout | inbound connection timed out
      operation timed out received only | coordinator node timed out | read timeout during | write timeout during
    `),
    without: phrases("lock timeout | obtaining a connection from the pool"),
    severity: "medium",
    retryable: true,
    advice: "Look at the plan and the row counts of the statement, and at what held its resources.",
    examples: [
      "canceling statement due to statement timeout",
      "Code: 159. DB::Exception: Timeout exceeded: elapsed 30.1 seconds",
    ],
  },
  {
    id: "sql-access",
    class: "access_denied",
    strength: 0.96,
    codes: names(`
      sqlstate:28000 sqlstate:28P01 sqlstate:42501 mysql:1044 mysql:1045 mysql:1130 mysql:1142 mysql:1143 mysql:1227 mysql:1370
      mysql:1410 mysql:1698 mysql:3118 mssql:229 mssql:230 mssql:262 mssql:297 mssql:916 mssql:4060 mssql:18452 mssql:18456
      mssql:18470 oracle:ORA-01017 oracle:ORA-01031 oracle:ORA-01045 oracle:ORA-28000 oracle:ORA-28001 mongo:13 mongo:18
      mongo:8000 clickhouse:497 clickhouse:516 clickhouse:192 clickhouse:193 sqlite:23 db2:-551 db2:-922 db2:-1403
    `),
    phrases: phrases(`
      access denied for user | login failed for user | password authentication failed | no pg hba.conf entry
      permission denied for {table,schema,relation,sequence,function,database,view,column,language} | must be owner of
      is not allowed to connect | the * permission was denied | invalid username/password | insufficient privileges
      account is locked | not authorized on | ident authentication failed | command denied to user
      user * does not have permission | role * is not permitted to log in | not enough privileges | bad username or password
      wrongpass | noauth | noperm
    `),
    examples: [
      "ERROR 1045 (28000): Access denied for user 'app'@'10.0.0.3' (using password: YES)",
      "ORA-01017: invalid username/password; logon denied",
    ],
  },
  {
    id: "sql-starting-stopping",
    class: "dependency_unavailable",
    strength: 0.96,
    codes: names(`
      sqlstate:57P01 sqlstate:57P02 sqlstate:57P03 sqlstate:57P04 sqlstate:25006 mysql:1053 mysql:1290 mysql:1836 mysql:3100
      mssql:6005 mssql:17142 mssql:978 mssql:40613 mssql:40197 oracle:ORA-01033 oracle:ORA-01034 oracle:ORA-01089 oracle:ORA-01090
      oracle:ORA-12514 oracle:ORA-12516 oracle:ORA-12528 oracle:ORA-16000 mongo:10107 mongo:11600 mongo:11602 mongo:13435
      mongo:13436 mongo:189 mongo:91 clickhouse:242 clickhouse:279 clickhouse:225
    `),
    phrases: phrases(`
      database system is {starting up,shutting down,in recovery mode} | server shutdown in progress | due to administrator command
      {initialization or shutdown,shutdown} in progress | not available * {recovery,restore} | is not currently available
      read only mode | running with the --read only option | read only transaction | not master | table is in readonly mode
      the database * is not accessible | listener does not currently know of service | is in the middle of a restore
      cannot achieve consistency level | unavailable exception | no nodes present in the cluster
      not enough replicas available for query
    `),
    without: phrases("read only file system | sqlite"),
    examples: ["FATAL: the database system is starting up"],
  },
  {
    id: "sql-gone",
    class: "connectivity",
    strength: 0.94,
    codes: names(`
      sqlstate:08000 sqlstate:08001 sqlstate:08003 sqlstate:08004 sqlstate:08006 sqlstate:08007 sqlstate:08P01 sqlstate:08S01
      mysql:2002 mysql:2003 mysql:2005 mysql:2006 mysql:2013 mysql:2055 mysql:1158 mysql:1159 mysql:1160 mysql:1161 mysql:1042
      mssql:53 mssql:64 mssql:121 mssql:233 mssql:10053 mssql:10054 mssql:10060 mssql:10061 mssql:11001 oracle:ORA-03113
      oracle:ORA-03114 oracle:ORA-03135 oracle:ORA-12541 oracle:ORA-12543 oracle:ORA-12545 oracle:ORA-12547 oracle:ORA-12537
      oracle:ORA-12154 oracle:ORA-12170 clickhouse:210 clickhouse:198 db2:-30081
    `),
    phrases: phrases(`
      server has gone away | lost connection to {mysql,server,sql,backend,master} * | can't connect to * server
      server closed the connection unexpectedly | end of file on communication channel | no listener | communications link failure
      ssl syscall error | could not translate host name | could not receive data from client | could not send data to client
      connection to server * failed | got an error {reading,writing} communication packets | unexpected eof on client connection
      not connected to oracle
    `),
    without: phrases(`
      password authentication failed | no pg hba.conf | timeout expired | too many clients | does not exist | starting up | role *
    `),
    examples: [
      "ERROR 2013 (HY000): Lost connection to MySQL server during query",
      "ORA-03113: end-of-file on communication channel",
    ],
  },
  {
    id: "sql-exhausted",
    class: "resource_exhausted",
    strength: 0.965,
    codes: names(`
      sqlstate:53000 sqlstate:53100 sqlstate:53200 sqlstate:53300 sqlstate:53400 sqlstate:54* mysql:1040 mysql:1021 mysql:1037
      mysql:1038 mysql:1041 mysql:1114 mysql:1203 mysql:1206 mysql:1226 mysql:1436 mysql:3675 mssql:701 mssql:802 mssql:1101
      mssql:1105 mssql:8645 mssql:9002 mssql:10928 mssql:17300 oracle:ORA-00018 oracle:ORA-00020 oracle:ORA-00257 oracle:ORA-01000
      oracle:ORA-01555 oracle:ORA-01652 oracle:ORA-01653 oracle:ORA-01654 oracle:ORA-01688 oracle:ORA-04030 oracle:ORA-04031
      oracle:ORA-04036 oracle:ORA-30036 oracle:ORA-12519 oracle:ORA-12520 sqlite:7 sqlite:13 clickhouse:241 clickhouse:252
      clickhouse:202 clickhouse:243 db2:-964 db2:-968
    `),
    phrases: phrases(`
      too many clients already | too many connections | remaining connection slots are reserved | max user connections
      could not resize shared memory | could not extend {file,relation} | the table * is full | transaction log * is full
      maximum open cursors exceeded | unable to extend {table,index,temp segment,segment}
      unable to allocate * bytes of shared memory | database or disk is full | memory limit (total) exceeded
      memory limit * exceeded | too many simultaneous queries | too many parts | snapshot too old | temporary file size exceeds
      out of shared memory | stack depth limit exceeded | insufficient system memory | max number of clients reached
      sort aborted | tombstone * overwhelm | scanned over * tombstones
    `),
    severity: "critical",
    examples: [
      "FATAL: sorry, too many clients already",
      "ORA-01653: unable to extend table SHOP.ORDERS by 128 in tablespace USERS",
    ],
  },
  {
    id: "sql-value",
    class: "invalid_input",
    strength: 0.95,
    codes: names(`
      sqlstate:22001 sqlstate:22003 sqlstate:22007 sqlstate:22008 sqlstate:22023 sqlstate:22P02 sqlstate:22P03 sqlstate:2201X
      sqlstate:2201W sqlstate:22011 sqlstate:22025 mysql:1264 mysql:1265 mysql:1292 mysql:1366 mysql:1406 mysql:1690 mysql:1411
      mssql:220 mssql:232 mssql:241 mssql:242 mssql:245 mssql:248 mssql:2628 mssql:8114 mssql:8115 mssql:8152 oracle:ORA-01438
      oracle:ORA-01722 oracle:ORA-01830 oracle:ORA-01840 oracle:ORA-01843 oracle:ORA-01847 oracle:ORA-01858 oracle:ORA-01861
      oracle:ORA-12899 clickhouse:6 clickhouse:27 clickhouse:38 clickhouse:41 clickhouse:53 clickhouse:69 clickhouse:72
    `),
    phrases: phrases(`
      value too long for type | data too long for column | would be truncated | invalid input syntax for {type,integer,uuid}
      out of range value for column | numeric field overflow | incorrect {integer,datetime,decimal,string,date,double} value
      conversion failed when converting | error converting data type | value too large for column | not a valid month
      literal does not match format string | invalid number | date/time field value out of range
      arithmetic overflow error converting | is out of range for type | data truncated for column
    `),
    without: phrases("for type json | json detail"),
    examples: [
      "value too long for type character varying(20)",
      {
        type: "Microsoft.Data.SqlClient.SqlException",
        message: "String or binary data would be truncated in table 'orders', column 'name'.",
      },
    ],
  },
  {
    id: "sql-json",
    class: "serialization",
    strength: 0.97,
    codes: names(`
      sqlstate:22032 sqlstate:22021 sqlstate:22P05 sqlstate:2200N sqlstate:2203* mysql:3140 mysql:3141 mysql:1300
    `),
    phrases: phrases(`
      invalid input syntax for type json | invalid json text | invalid byte sequence for encoding | has no equivalent in encoding
      unsupported unicode escape sequence | cannot extract elements from | malformed json | invalid utf8 character string
    `),
    examples: ['invalid input syntax for type json DETAIL: Token "<" is invalid.'],
  },
  {
    id: "sql-statement-wrong",
    class: "code_defect",
    strength: 0.95,
    codes: names(`
      sqlstate:42601 sqlstate:42702 sqlstate:42725 sqlstate:42803 sqlstate:42804 sqlstate:42883 sqlstate:42P02 sqlstate:42P10
      sqlstate:42P18 sqlstate:42P19 sqlstate:42P08 sqlstate:22012 sqlstate:25P02 sqlstate:25001 sqlstate:07001 sqlstate:21000
      sqlstate:24000 sqlstate:34000 sqlstate:26000 sqlstate:0A000 mysql:1064 mysql:1052 mysql:1055 mysql:1056 mysql:1111
      mysql:1136 mysql:1140 mysql:1241 mysql:1242 mysql:1247 mysql:1248 mysql:1365 mysql:2014 mysql:2030 mssql:102 mssql:105
      mssql:156 mssql:170 mssql:209 mssql:213 mssql:512 mssql:2812 mssql:8120 mssql:8134 mssql:201 oracle:ORA-00900
      oracle:ORA-00905 oracle:ORA-00906 oracle:ORA-00907 oracle:ORA-00911 oracle:ORA-00913 oracle:ORA-00917 oracle:ORA-00918
      oracle:ORA-00923 oracle:ORA-00933 oracle:ORA-00936 oracle:ORA-00947 oracle:ORA-00979 oracle:ORA-01008 oracle:ORA-01422
      oracle:ORA-01427 oracle:ORA-01476 oracle:ORA-06502 oracle:ORA-06512 oracle:ORA-06550 clickhouse:62 clickhouse:46
      clickhouse:43 clickhouse:215 clickhouse:153 sqlite:21 sqlite:25
    `),
    phrases: phrases(`
      syntax error at or near | you have an error in your sql syntax | incorrect syntax near | near "* syntax error
      operator does not exist | function * does not exist | must appear in the group by | is ambiguous
      missing {expression,right parenthesis,keyword} | not properly ended | commands ignored until end of transaction block
      commands out of sync | more than one row returned by a subquery | subquery returns more than
      {number of,wrong number of} bind variables | could not determine data type of parameter | bind message supplies
      column count doesn't match | has more expressions than target | prepared statement * {already exists,does not exist}
      incorrect number of bindings | bindings supplied | not a group by expression | not all variables bound
      must declare the scalar variable
    `),
    without: phrases("json"),
    examples: ['syntax error at or near "FORM"', "ORA-00936: missing expression"],
  },
  {
    id: "sql-set-up",
    class: "configuration",
    strength: 0.95,
    codes: names(`
      sqlstate:3D000 sqlstate:58P01 sqlstate:F0000 sqlstate:42710 mysql:1049 mysql:1193 mysql:1231 mysql:1286 mysql:1524
      mysql:1251 mysql:2054 mysql:2059 mysql:1115 mysql:1273 oracle:ORA-12505 oracle:ORA-00096 mssql:911 mssql:15281
    `),
    phrases: phrases(
      'database * does not exist | unknown database | could not access file * no such file or directory | extension "* {is not available,not available} | unrecognized configuration parameter | could not open extension control file | unknown system variable | unknown storage engine | plugin * is not loaded | authentication plugin | must be loaded via shared preload libraries | unknown collation | unknown character set | does not support {authentication protocol,secure connections} | could not load library | invalid value for parameter | dialect * {not found,not supported} | tns:could not resolve the connect identifier',
    ),
    without: phrases("relation | column | table | schema"),
    examples: [
      'FATAL: database "shop" does not exist',
      'could not access file "pg_stat_statements": No such file or directory',
    ],
  },
  {
    id: "sql-server-died",
    class: "crash",
    strength: 0.96,
    phrases: phrases(`
      server process (pid * was terminated by signal | terminating any other active server processes | innodb: assertion failure
      we intentionally generate a memory trap | mysqld got signal | mariadbd got signal | could not fsync file
      could not write to file * input/output error | ora 00600 | ora 07445 | sql server is terminating | stack dump being sent
      because of crash of another server process
    `),
    codes: names("sqlstate:58030 oracle:ORA-00600 oracle:ORA-07445 oracle:ORA-27072 mssql:3624"),
    examples: [
      "server process (PID 4711) was terminated by signal 11: Segmentation fault",
      "InnoDB: Assertion failure in file btr0cur.cc line 336 InnoDB: We intentionally generate a memory trap.",
    ],
  },
];
