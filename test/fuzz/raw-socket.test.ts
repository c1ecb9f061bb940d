/** Bytes on the port that are hardly HTTP, or lie about themselves: each connection is answered or, when what came was no request,
 *  closed; and the next sender is served. */
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { send, startTestReceiver, type TestReceiver } from "../helpers/receiver.ts";
import { bodyOf, recordedBytes } from "../helpers/recorded-exports.ts";
import { below, byteMutations, concat, oneOf, type Random } from "./mutate-bytes.ts";
import { createTally, inputs, randomOf, seed } from "./plan.ts";

const body = bodyOf("json", recordedBytes("traces", "json"));
const CONCURRENCY = 48;
const BODY_MS = 150;
/** longer than the receiver waits for a body */
const QUIET_MS = 400;
/** a connection that is still open by then hangs */
const PATIENCE_MS = 10_000;

/** an interim answer */
const CONTINUE = /^HTTP\/1\.1 100 Continue\r\n\r\n/;

/** The table's, and what Node's parser answers before a handler is called: 408, 417, 431. */
const STATUSES = [200, 400, 404, 405, 408, 413, 415, 417, 431, 503];

const head = (line: string, ...headers: string[]) => Buffer.from([line, ...headers, "", ""].join("\r\n"), "latin1");
const POST = "POST /v1/traces HTTP/1.1";
const JSON_TYPE = "Content-Type: application/json";
const HOST = "Host: x";
const LENGTH = `Content-Length: ${body.length}`;
const whole = concat(head(POST, HOST, JSON_TYPE, LENGTH), body);
const chunk = (text: string) => Buffer.from(text, "latin1");

const WRITERS: Readonly<Record<string, (random: Random) => Uint8Array>> = {
  noise: (random) => Uint8Array.from({ length: 1 + below(random, 400) }, () => below(random, 256)),
  "letters and line ends": (random) =>
    chunk(
      Array.from({ length: below(random, 200) }, () => oneOf(random, ["a", " ", ":", "\r\n", "\n", "POST"])).join(""),
    ),
  "a damaged request": (random) => oneOf(random, Object.values(byteMutations))(whole, body, random),
  "a damaged head": (random) =>
    concat(oneOf(random, Object.values(byteMutations))(head(POST, HOST, JSON_TYPE, LENGTH), body, random), body),
  "a length that lies": (random) => {
    const length = oneOf(random, [
      "0",
      "1",
      String(body.length - 1),
      String(body.length + 1),
      "-1",
      "1e3",
      "0x10",
      "",
      "99999999999999999999",
      "4294967296",
      "1, 1",
      "+5",
    ]);
    return concat(head(POST, HOST, JSON_TYPE, `Content-Length: ${length}`), body);
  },
  "two lengths": () => concat(head(POST, HOST, JSON_TYPE, LENGTH, "Content-Length: 3"), body),
  "a length and chunks": () =>
    concat(head(POST, HOST, JSON_TYPE, LENGTH, "Transfer-Encoding: chunked"), chunk("2\r\n{}\r\n0\r\n\r\n")),
  "strange transfer encodings": (random) => {
    const coding = oneOf(random, [
      "gzip",
      "chunked, gzip",
      "identity",
      "chunked, chunked",
      "xchunked",
      "",
      ", chunked",
    ]);
    return concat(head(POST, HOST, JSON_TYPE, `Transfer-Encoding: ${coding}`), chunk("2\r\n{}\r\n0\r\n\r\n"));
  },
  "broken chunks": (random) => {
    const chunks = oneOf(random, [
      "2\r\n{}\r\n0\r\n\r\n",
      "2\r\n{}",
      "3\r\n{}\r\n0\r\n\r\n",
      "-1\r\n",
      "ffffffffffffffff\r\n{}",
      "zz\r\n",
      "2;x=y\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n",
      "2\n{}\n0\n\n",
    ]);
    return concat(head(POST, HOST, JSON_TYPE, "Transfer-Encoding: chunked"), chunk(chunks));
  },
  "strange methods": (random) => {
    const method = oneOf(random, ["CONNECT", "TRACE", "post", "FOO", "M-SEARCH", "", "P".repeat(3_000), "PRI"]);
    return concat(head(`${method} /v1/traces HTTP/1.1`, HOST, JSON_TYPE, LENGTH), body);
  },
  "strange targets": (random) => {
    const target = oneOf(random, [
      "http://x/v1/traces",
      "x:80",
      "*",
      "",
      "/ v1/traces",
      `/${"a".repeat(20_000)}`,
      "/v1/traces\u0000",
      "/é",
      "//",
      "/%ff%00",
      "?",
    ]);
    return concat(head(`POST ${target} HTTP/1.1`, HOST, JSON_TYPE, LENGTH), body);
  },
  "strange versions": (random) => {
    const version = oneOf(random, [
      "HTTP/0.9",
      "HTTP/1.0",
      "HTTP/2.0",
      "HTTP/9.9",
      "HTTP/1.1.1",
      "ICE/1.0",
      "http/1.1",
      "",
    ]);
    return concat(head(`POST /v1/traces ${version}`, HOST, JSON_TYPE, LENGTH), body);
  },
  "strange headers": (random) => {
    const header = oneOf(random, [
      "no colon",
      ": no name",
      "a b: 1",
      "Nul: \u0000",
      "Long: ".padEnd(20_000, "x"),
      " folded",
      "Expect: 100-continue",
      "Expect: the worst",
      "Upgrade: websocket\r\nConnection: Upgrade",
      "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ",
      "Connection: close",
      Array.from({ length: 2_500 }, (_, index) => `h${index}: 1`).join("\r\n"),
    ]);
    return concat(head(POST, HOST, JSON_TYPE, LENGTH, header), body);
  },
  "no host": () => concat(head(POST, JSON_TYPE, LENGTH), body),
  "line feeds alone": () => concat(chunk(`${POST}\n${HOST}\n${JSON_TYPE}\n${LENGTH}\n\n`), body),
  "one request after another": (random) =>
    concat(
      ...Array.from({ length: 1 + below(random, 8) }, () => whole),
      whole.subarray(0, below(random, whole.length)),
    ),
  "a TLS hello": () => Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  "an HTTP/2 preface": () =>
    chunk("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000"),
};

let receiver: TestReceiver;
beforeAll(async () => {
  receiver = await startTestReceiver({ timeouts: { bodyMs: BODY_MS }, maxInFlightBytes: CONCURRENCY * 64 * 1024 });
});
afterAll(() => receiver.stop());

it("every connection is answered, or closed when it brought no request", async () => {
  const random = randomOf("raw sockets");
  const tally = createTally("connections");
  const count = inputs(0.05);
  let index = 0;
  async function connectOnes(): Promise<void> {
    while (index < count) {
      const at = index;
      index += 1;
      const [name, write] = oneOf(random, Object.entries(WRITERS));
      const sent = write(random);
      const inPieces = random() < 0.2;
      let answered = await exchange(sent, inPieces);
      // the machine may have been busy
      if (answered === "" && isRequest(sent)) answered = await exchange(sent, inPieces, 10 * QUIET_MS);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answered)?.[1] ?? 0);
      tally.add(`${status || "closed"}`);
      const where = `seed ${seed}, input ${at} (${name}): ${JSON.stringify(Buffer.from(sent).toString("latin1").slice(0, 300))}`;
      if (answered === "") expect(isRequest(sent), `closed without an answer; ${where}`).toBe(false);
      else expect(STATUSES, where).toContain(status);
      receiver.jobs.length = 0;
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, connectOnes));
  tally.print();
  expect(tally.counts.get("200")).toBeGreaterThan(0);
  expect(tally.counts.get("400")).toBeGreaterThan(0);
});

it("serves the next sender, with all of its bytes given back", async () => {
  const whitespace = new Uint8Array(64 * 1024).fill(0x20);
  const answers = await Promise.all(
    Array.from({ length: CONCURRENCY }, () =>
      send(`${receiver.url}/v1/logs`, { headers: { "content-type": "application/json" }, body: whitespace }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  expect(
    (await send(`${receiver.url}/v1/traces`, { headers: { "content-type": "application/json" }, body })).status,
  ).toBe(200);
});

/** a whole head with a method and a version that exist */
function isRequest(sent: Uint8Array): boolean {
  return /^(GET|POST|PUT|DELETE|CONNECT|TRACE|OPTIONS|HEAD|PATCH) \S+ HTTP\/1\.[01]\r\n[\s\S]*?\r\n\r\n/.test(
    Buffer.from(sent).toString("latin1"),
  );
}

/** Sends, and closes the sending half once the other side has been quiet for a while: a sender that closes at once takes its request
 *  back. @param inPieces a few bytes at a time @returns all that came back until the connection closed */
function exchange(sent: Uint8Array, inPieces: boolean, quietMs = QUIET_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(receiver.port, "127.0.0.1");
    const quiet = setTimeout(() => socket.end(), quietMs);
    const hung = setTimeout(() => {
      socket.destroy();
      reject(new Error(`a connection hung: ${JSON.stringify(Buffer.from(sent).toString("latin1").slice(0, 300))}`));
    }, quietMs + PATIENCE_MS);
    // a reset after the answer is the answer's end
    socket.on("error", () => {});
    socket.on("data", (data) => {
      received.push(data);
      quiet.refresh();
    });
    socket.once("close", () => {
      clearTimeout(quiet);
      clearTimeout(hung);
      resolve(Buffer.concat(received).toString("latin1").replace(CONTINUE, ""));
    });
    const pieces = inPieces ? Math.min(sent.length, 2_000) : 0;
    for (let at = 0; at < pieces; at += 97) socket.write(sent.subarray(at, Math.min(at + 97, pieces)));
    socket.write(sent.subarray(pieces));
  });
}
