/** What every shop service is: an express server on a free loopback port, a pino logger, an error handler, an end. */
import { getHeapStatistics } from "node:v8";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { type Logger, pino } from "pino";
import { followAddressBook } from "./address-book.ts";
import { type CallService, createCallService } from "./call-service.ts";
import { ShopError } from "./shop-error.ts";
import { followWeaknesses, type Weaknesses } from "./weaknesses.ts";

export interface ServiceParts {
  app: Express;
  log: Logger;
  callService: CallService;
  weaknesses: Readonly<Weaknesses>;
  /** called whenever the service's weaknesses change, so that it can let go of what it hoarded */
  onHealed(repair: () => void): void;
}

/** From the first share of the heap limit on a service sheds some of its work rather than die in garbage collection; from the second, all. */
const HEAP_SHEDDING_FROM = 0.7;
const HEAP_SHEDDING_ALL = 0.85;

export function startService(name: string, addRoutes: (parts: ServiceParts) => void): void {
  const log = pino({ level: process.env.LOG_LEVEL ?? "info", base: { service: name } });
  const { current: weaknesses, onHealed } = followWeaknesses();
  const callService = createCallService(followAddressBook());
  const app = express();
  app.use(refuseUnderHeapPressure(), express.json({ limit: "64kb" }));
  addRoutes({ app, log, callService, weaknesses, onHealed });
  app.use(answerErrors(log));

  const server = app.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    process.send?.({ listening: address.port });
    log.info("ready to serve");
  });

  // the runner is gone: a service must not outlive its shop
  process.once("disconnect", () => process.exit(0));
  process.once("SIGTERM", () => server.close());
}

function refuseUnderHeapPressure(): RequestHandler {
  return (_request, _response, next) => {
    const heap = getHeapStatistics();
    const ratio = heap.used_heap_size / heap.heap_size_limit;
    const share = (ratio - HEAP_SHEDDING_FROM) / (HEAP_SHEDDING_ALL - HEAP_SHEDDING_FROM);
    if (Math.random() >= share) return next();
    const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
    next(
      new ShopError(
        "HeapExhaustedError",
        503,
        `JavaScript heap nearly out of memory: ${megabytes(heap.used_heap_size)} of ${megabytes(heap.heap_size_limit)} MB used`,
      ),
    );
  };
}

function answerErrors(log: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error instanceof ShopError ? error.status : 500;
    const level = status >= 500 ? "error" : "warn";
    log[level]({ err: error, route: request.route?.path, status }, error instanceof Error ? error.message : "failed");
    response.status(status).json({ error: error instanceof Error ? error.message : String(error) });
  };
}
