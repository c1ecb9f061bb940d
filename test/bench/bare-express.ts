/** The least an Express service can do: parse the request's JSON and answer a fixed body. Run as a process of its own.
 *  Arguments: port, file with the body to answer. */
import { readFileSync } from "node:fs";
import express from "express";

const [port, bodyFile] = process.argv.slice(2);
if (port === undefined || bodyFile === undefined) throw new Error("usage: bare-express.ts PORT BODY_FILE");
const body: unknown = JSON.parse(readFileSync(bodyFile, "utf8"));

const app = express();
app.use(express.json());
app.post("/", (_request, response) => {
  response.json(body);
});
app.listen(Number(port), "127.0.0.1", () => console.log("listening"));
