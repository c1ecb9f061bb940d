/** Writes an answer and leaves the connection usable, or closes it without losing the answer. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface Answer {
  status: number;
  contentType: string;
  body: Uint8Array;
  headers?: Readonly<Record<string, string>>;
  /** why the request was turned away */
  errorType?: string;
}

/** So much of an unread body is read and thrown away to keep a connection alive, or to let a sender read its answer. */
const MAX_DRAINED_BYTES = 1024 * 1024;
const MAX_DRAIN_MS = 2_000;

/** An answer may come before the body was read. Closing at once would reset the connection while the sender still writes, and it
 *  would never see why; so the answer goes out, a bounded rest of the body is thrown away, and then the connection is kept or closed. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const isRead = request.complete;
  response.writeHead(answer.status, {
    "Content-Type": answer.contentType,
    "Content-Length": answer.body.length,
    ...answer.headers,
    ...(isRead ? {} : { Connection: "close" }),
  });
  if (isRead) {
    response.end(answer.body);
    return;
  }
  response.write(answer.body);
  drain(request, () => response.end());
}

function drain(request: IncomingMessage, done: () => void): void {
  let drained = 0;
  let isDone = false;
  const timer = setTimeout(finish, MAX_DRAIN_MS);
  request.on("data", onData).once("end", finish).once("close", finish).once("error", finish);
  request.resume();

  function onData(chunk: Buffer): void {
    drained += chunk.length;
    if (drained > MAX_DRAINED_BYTES) finish();
  }

  function finish(): void {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    request.off("data", onData);
    request.pause();
    done();
  }
}
