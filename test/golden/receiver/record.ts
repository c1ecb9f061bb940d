/** Records what the official exporters send: `node --import tsx test/golden/receiver/record.ts && npm run format`. Run it when the
 *  exporters are updated, and read the difference in `recorded/` before committing it. */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { Signal } from "../../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../../models/telemetry/summarise.ts";
import { exportWithOfficialSdk } from "../../helpers/otlp-recorder.ts";
import { options } from "../../helpers/summarise-options.ts";

const OUTPUT = new URL("./recorded/", import.meta.url);
const SIGNALS: Signal[] = ["traces", "logs", "metrics"];
const ENCODINGS: Encoding[] = ["protobuf", "json"];

const bodies = new Map<string, Buffer>();
let encoding: Encoding = "protobuf";
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  bodies.set(`${request.url?.split("/").at(-1)}.${encoding}`, Buffer.concat(chunks));
  response.writeHead(200, { "content-type": request.headers["content-type"] }).end(encoding === "json" ? "{}" : "");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
if (address === null || typeof address === "string") throw new Error("no port was given");

// metrics carry the time of recording
const recordedAtMs = Date.now();
for (encoding of ENCODINGS) {
  await exportWithOfficialSdk({
    url: `http://127.0.0.1:${address.port}`,
    encoding,
    compression: "none",
    atMs: recordedAtMs,
  });
}
server.close();

await mkdir(OUTPUT, { recursive: true });
for (const signal of SIGNALS) {
  for (const each of ENCODINGS) {
    const body = bodies.get(`${signal}.${each}`);
    if (body === undefined) throw new Error(`no ${signal} arrived in ${each}`);
    await writeFile(new URL(`${signal}.${each}.bin`, OUTPUT), body);
  }
  const batch = summarise(
    signal,
    bodies.get(`${signal}.protobuf`)!,
    "protobuf",
    options({ receivedAtMs: recordedAtMs }),
  );
  await writeFile(new URL(`${signal}.batch.json`, OUTPUT), `${JSON.stringify(batch, null, 2)}\n`);
}
