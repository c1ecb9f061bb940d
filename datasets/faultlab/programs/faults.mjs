// Faults of a Node.js ticket shop, with the libraries that such a shop uses.
import assert from "node:assert";
import { execFile, spawnSync } from "node:child_process";
import { createDecipheriv, createSign } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import fs from "node:fs";
import { createConnection, createServer } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { promisify } from "node:util";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Worker } from "node:worker_threads";
import { Queue } from "bullmq";
import express from "express";
import Redis from "ioredis";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import protobuf from "protobufjs";
import { z } from "zod";

const { LAB_DIR: dir, LAB_HTTP: http, LAB_N: n, LAB_PG: databaseUrl, LAB_MODE: mode } = process.env;

class TicketError extends Error {
  name = "TicketError";
}
class NotAllowedError extends Error {
  name = "NotAllowedError";
}
class StaleSeatMapError extends Error {
  name = "StaleSeatMapError";
}
class UpstreamError extends Error {
  name = "UpstreamError";
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const portOf = (name) => Number(process.env[name].split(":")[1]);
const query = async (...statements) => {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};
const kysely = () => new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: databaseUrl }) }) });
const redis = async (use) => {
  const client = new Redis({ db: 14, lazyConnect: true, maxRetriesPerRequest: 1 });
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
};
const get = async (path, ms = 6000) => {
  const response = await fetch(`http://${http}${path}`, { signal: AbortSignal.timeout(ms) });
  if (!response.ok) throw new UpstreamError(`GET ${path} answered ${response.status} ${response.statusText}`, response.status);
  return await response.json();
};
const talk = async (name) => {
  const socket = createConnection(portOf(name), "127.0.0.1");
  socket.write("hello");
  const [chunk] = await once(socket, "data");
  return chunk;
};
const throws = (error) => () => {
  throw error;
};
const Seat = z.object({ row: z.number().int().positive(), zone: z.enum(["A", "B"]), email: z.email() });
const Ticket = protobuf.parse('syntax = "proto3"; message Ticket { string code = 1; uint32 price = 2; }').root.lookupType("Ticket");
const ask = async (app, path, options) => {
  const server = createHttpServer(app).listen(0);
  await once(server, "listening");
  const failed = new Promise((_, reject) => app.use((error, _request, _response, _next) => reject(error)));
  fetch(`http://127.0.0.1:${server.address().port}${path}`, options).catch(() => {});
  await failed.finally(() => server.closeAllConnections());
};

const faults = {
  // fault fetch-timeout: timeout
  "fetch-timeout": () => get("/stall", 200),
  // fault pg-statement-timeout: timeout
  "pg-statement-timeout": () => query("set statement_timeout = 50", "select pg_sleep(3)"),
  // fault pg-connect-timeout: timeout or connectivity
  "pg-connect-timeout": () => new pg.Client({ host: "127.0.0.1", port: portOf("LAB_SILENT"), connectionTimeoutMillis: 200 }).connect(),
  // fault redis-command-timeout: timeout
  "redis-command-timeout": () => new Redis({ port: portOf("LAB_SILENT"), commandTimeout: 150, enableReadyCheck: false }).get("x"),
  // fault child-timeout: timeout
  "child-timeout": () => promisify(execFile)("sleep", ["5"], { timeout: 100 }).catch((error) => throws(new TicketError(`pdf of ticket ${n} was not ready after 100 ms`, { cause: error }))()),
  // fault fetch-refused: connectivity
  "fetch-refused": () => fetch(`http://${process.env.LAB_REFUSED}/`),
  // fault fetch-unknown-host: connectivity
  "fetch-unknown-host": () => fetch(`http://seats-${n}.invalid/`),
  // fault fetch-reset: connectivity
  "fetch-reset": () => fetch(`http://${process.env.LAB_RESET}/`),
  // fault fetch-closed: connectivity
  "fetch-closed": () => fetch(`http://${process.env.LAB_CLOSING}/`),
  // fault fetch-nonsense: connectivity or serialization
  "fetch-nonsense": () => fetch(`http://${process.env.LAB_GARBAGE}/`),
  // fault fetch-self-signed: connectivity or configuration
  "fetch-self-signed": () => fetch(`https://${process.env.LAB_TLS}/`),
  // fault tls-plain: connectivity
  "tls-plain": () => once(tlsConnect(portOf("LAB_GARBAGE"), "127.0.0.1"), "secureConnect"),
  // fault pg-refused: connectivity
  "pg-refused": () => new pg.Client({ host: "127.0.0.1", port: portOf("LAB_REFUSED") }).connect(),
  // fault pg-ssl-unsupported: configuration or connectivity
  "pg-ssl-unsupported": () => new pg.Client({ connectionString: databaseUrl, ssl: { rejectUnauthorized: true } }).connect(),
  // fault redis-retries: connectivity
  "redis-retries": () => new Redis({ port: portOf("LAB_REFUSED"), maxRetriesPerRequest: 0 }).get("x"),
  // fault socket-reset: connectivity
  "socket-reset": () => talk("LAB_RESET"),
  // fault status-503: dependency_unavailable
  "status-503": () => get("/status/503"),
  // fault status-504: dependency_unavailable or timeout
  "status-504": () => get("/status/504"),
  // fault pg-terminated: dependency_unavailable or connectivity
  "pg-terminated": () => query("select pg_terminate_backend(pg_backend_pid())"),
  // fault breaker-open: dependency_unavailable
  "breaker-open": throws(new TicketError("Breaker is open")),
  // fault status-429: rate_limited
  "status-429": () => get("/status/429"),
  // fault holds-used: rate_limited
  "holds-used": throws(new TicketError("this account may hold 8 seats an hour and has held 8")),
  // fault status-401: access_denied
  "status-401": () => get("/status/401"),
  // fault status-403: access_denied
  "status-403": () => get("/status/403"),
  // fault read-denied: access_denied
  "read-denied": () => fs.promises.readFile(`${dir}/secret.txt`),
  // fault chmod-denied: access_denied
  "chmod-denied": () => fs.promises.chmod("/etc/hostname", 0o777),
  // fault pg-unknown-role: access_denied or configuration
  "pg-unknown-role": () => new pg.Client({ host: "127.0.0.1", user: `box_office_${n}`, database: "postgres" }).connect(),
  // fault pg-table-denied: access_denied
  "pg-table-denied": () => query("create role lab_reader", "set role lab_reader", "select * from pg_authid").finally(() => query("drop role if exists lab_reader")),
  // fault may-not-refund: access_denied
  "may-not-refund": throws(new NotAllowedError("steward may not refund")),
  // fault decrypt-tag: access_denied or data_integrity
  "decrypt-tag": () => createDecipheriv("aes-256-gcm", Buffer.alloc(32), Buffer.alloc(12)).setAuthTag(Buffer.alloc(16)).final(),
  // fault zod-seat: invalid_input
  "zod-seat": () => Seat.parse({ row: -1, zone: "Q", email: "x" }),
  // fault zod-type: invalid_input
  "zod-type": () => Seat.parse("A1"),
  // fault pg-uuid: invalid_input
  "pg-uuid": () => query(`select 'T-${n}'::uuid`),
  // fault pg-date: invalid_input
  "pg-date": () => query("select '2024-02-30'::date"),
  // fault pg-too-long: invalid_input
  "pg-too-long": () => query("create temp table t(c varchar(3))", "insert into t values('abcdef')"),
  // fault url-invalid: invalid_input
  "url-invalid": () => new URL("seat map"),
  // fault express-percent: invalid_input
  "express-percent": () => ask(express().get("/seat/:id", () => {}), "/seat/%E0%A4%A"),
  // fault express-too-large: invalid_input or resource_exhausted
  "express-too-large": () => ask(express().use(express.json({ limit: 10 })), "/", { method: "POST", body: `{"seat":"${"x".repeat(99)}"}`, headers: { "content-type": "application/json" } }),
  // fault express-body: serialization or invalid_input
  "express-body": () => ask(express().use(express.json()), "/", { method: "POST", body: '{"seat":', headers: { "content-type": "application/json" } }),
  // fault date-range: invalid_input or code_defect
  "date-range": () => new Date("31.12.2024 x").toISOString(),
  // fault bigint-syntax: invalid_input
  "bigint-syntax": () => BigInt("12 EUR"),
  // fault status-422: invalid_input
  "status-422": () => get("/status/422"),
  // fault status-404: not_found
  "status-404": () => get("/status/404"),
  // fault read-missing: not_found
  "read-missing": () => fs.promises.readFile(`/srv/data/seatmap-${n}.svg`),
  // fault kysely-no-result: not_found
  "kysely-no-result": () => kysely().selectFrom("pg_class").selectAll().where("relname", "=", `t${n}`).executeTakeFirstOrThrow(),
  // fault event-missing: not_found
  "event-missing": throws(new TicketError(`no event under code E${n}`)),
  // fault seat-map-stale: conflict
  "seat-map-stale": throws(new StaleSeatMapError(`seat map revision 7 was replaced by 8`)),
  // fault pg-duplicate: conflict
  "pg-duplicate": () => query("create temp table t(seat text unique)", "insert into t values('A1')", "insert into t values('A1')"),
  // fault pg-lock-nowait: conflict
  "pg-lock-nowait": async () => {
    const other = new pg.Client(databaseUrl);
    await other.connect();
    await other.query("select pg_advisory_lock(771)");
    await query("set lock_timeout = '80ms'", "select pg_advisory_lock(771)").finally(() => other.end());
  },
  // fault mkdir-exists: conflict
  "mkdir-exists": () => fs.mkdirSync(dir),
  // fault status-409: conflict
  "status-409": () => get("/status/409"),
  // fault write-full: resource_exhausted
  "write-full": () => fs.writeFileSync("/dev/full", "x"),
  // fault open-limit: resource_exhausted (nofile=40)
  "open-limit": () => {
    for (;;) fs.openSync("/dev/null");
  },
  // fault stack-depth: resource_exhausted or code_defect
  "stack-depth": () => {
    const nest = () => nest() + 1;
    nest();
  },
  // fault pool-wait: resource_exhausted or timeout
  "pool-wait": async () => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: 100 });
    await pool.connect();
    await pool.connect();
  },
  // fault worker-memory: resource_exhausted
  "worker-memory": async () => {
    const worker = new Worker("const a=[];for(;;)a.push(new Array(1e6).fill(1))", { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    const [error] = await once(worker, "error");
    throw error;
  },
  // fault array-length: resource_exhausted or code_defect
  "array-length": () => new Array(-1),
  // fault buffer-limit: resource_exhausted or invalid_input
  "buffer-limit": () => Buffer.alloc(2 ** 40),
  // fault gunzip-check: data_integrity or serialization
  "gunzip-check": () => gunzipSync(fs.readFileSync(`${dir}/crc.gz`)),
  // fault gunzip-end: data_integrity or serialization
  "gunzip-end": () => gunzipSync(fs.readFileSync(`${dir}/cut.gz`)),
  // fault brotli-broken: data_integrity or serialization
  "brotli-broken": () => brotliDecompressSync(Buffer.from("nonsense")),
  // fault pg-foreign-key: data_integrity
  "pg-foreign-key": () => query("create temp table a(id int primary key)", "create temp table b(a int references a)", "insert into b values(5)"),
  // fault pg-no-table: data_integrity or configuration
  "pg-no-table": () => query("select * from vouchers"),
  // fault pg-no-column: data_integrity or code_defect
  "pg-no-column": () => kysely().selectFrom("pg_class").select("nett").execute(),
  // fault pg-not-null: data_integrity or invalid_input
  "pg-not-null": () => query("create temp table t(a int not null)", "insert into t values(null)"),
  // fault barcode-sum: data_integrity
  "barcode-sum": throws(new TicketError(`stored hash of ticket ${n} is not the hash of its content`)),
  // fault import-missing: configuration
  "import-missing": () => import("zebra-printer"),
  // fault export-missing: configuration or code_defect
  "export-missing": () => import("data:text/javascript,import { missing } from 'node:fs'"),
  // fault env-missing: configuration
  "env-missing": () => assert(process.env.PRINTER_URL, new TicketError("PRINTER_URL must be set")),
  // fault zod-settings: configuration or invalid_input
  "zod-settings": throws(new TicketError("invalid settings: PORT must be a number, SMTP_HOST is missing")),
  // fault listen-taken: configuration
  "listen-taken": () => once(createServer().listen(portOf("LAB_HTTP"), "127.0.0.1"), "listening"),
  // fault spawn-missing: configuration
  "spawn-missing": () => promisify(execFile)("ticket-render"),
  // fault key-unusable: configuration or serialization
  "key-unusable": () => createSign("sha256").update("x").sign("not a key"),
  // fault dlopen: configuration
  dlopen: () => process.dlopen({ exports: {} }, `${dir}/not-a.zip`),
  // fault json-cut: serialization
  "json-cut": () => JSON.parse(fs.readFileSync(`${dir}/cut.json`, "utf8")),
  // fault json-html: serialization
  "json-html": () => get("/html"),
  // fault json-empty: serialization
  "json-empty": () => get("/empty"),
  // fault json-circular: serialization or code_defect
  "json-circular": () => {
    const seat = {};
    seat.self = seat;
    JSON.stringify(seat);
  },
  // fault json-bigint: serialization or code_defect
  "json-bigint": () => JSON.stringify({ id: 1n }),
  // fault protobuf-range: serialization
  "protobuf-range": () => Ticket.decode(Buffer.from([10, 200, 1])),
  // fault protobuf-wire: serialization
  "protobuf-wire": () => Ticket.decode(Buffer.from([15, 1, 1])),
  // fault utf8-fatal: serialization
  "utf8-fatal": () => new TextDecoder("utf-8", { fatal: true }).decode(fs.readFileSync(`${dir}/latin1.txt`)),
  // fault uri-component: serialization or invalid_input
  "uri-component": () => decodeURIComponent("%E0%A4%A"),
  // fault clone-function: serialization or code_defect
  "clone-function": () => structuredClone(() => 1),
  // fault undefined-read: code_defect
  "undefined-read": () => ({}).seat.row,
  // fault not-function: code_defect
  "not-function": () => ({}).reserve(),
  // fault not-iterable: code_defect
  "not-iterable": () => [...7],
  // fault const-assigned: code_defect
  "const-assigned": () => {
    const total = 1;
    // biome-ignore lint: the fault
    total = 2;
  },
  // fault not-defined: code_defect
  "not-defined": () => seatTotal,
  // fault null-destructured: code_defect
  "null-destructured": () => (({ row }) => row)(null),
  // fault invalid-argument: code_defect
  "invalid-argument": () => Buffer.from(7),
  // fault sql-syntax: code_defect
  "sql-syntax": () => query("selct 1"),
  // fault pg-parameters: code_defect
  "pg-parameters": () => sql`select ${sql.raw("$9")}`.execute(kysely()),
  // fault assert-equal: code_defect
  "assert-equal": () => assert.strictEqual(1, 2),
  // fault redis-wrong-kind: code_defect
  "redis-wrong-kind": () => redis(async (client) => {
    await client.set(`lab${n}`, "x", "EX", 5);
    await client.lpush(`lab${n}`, 1);
  }),
  // fault redis-script: code_defect
  "redis-script": () => redis((client) => client.eval("return nope + 1", 0)),
  // fault queue-name: code_defect or invalid_input, configuration
  "queue-name": () => new Queue("tickets:late", { connection: { port: portOf("LAB_REFUSED"), lazyConnect: true } }),
  // fault headers-sent: code_defect
  "headers-sent": () => ask(express().get("/", (_request, response) => {
    response.end("a");
    response.setHeader("x", "y");
  }), "/"),
  // fault not-implemented: code_defect
  "not-implemented": throws(new TicketError("TODO: season tickets")),
  // fault generator-running: code_defect
  "generator-running": () => {
    const g = (function* () {
      yield g.next();
    })();
    g.next();
  },
  // fault child-signal: crash
  "child-signal": () => {
    const { status, signal } = spawnSync("sh", ["-c", "kill -SEGV $$"]);
    throw new TicketError(`renderer ended: code=${status} signal=${signal}`);
  },
  // fault self-abort: crash
  "self-abort": () => process.abort(),
};

function report(error) {
  console.log(`@@type ${typeof error.code === "string" ? error.code : error.name}\n@@message ${error.message}\n@@trace\n${traceOf(error)}\n@@end`);
  process.exit(1);
}
function traceOf(error) {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own} {\n  [cause]: ${traceOf(error.cause).replaceAll("\n", "\n  ")}\n}` : own;
}

try {
  await faults[process.argv[2]]();
  process.exit(0);
} catch (error) {
  if (mode === "report") report(error);
  if (mode === "wrap") report(new TicketError(`ticket ${n} was not issued`, { cause: error }));
  throw error;
}
