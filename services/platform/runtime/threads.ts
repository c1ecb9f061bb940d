/** Threads for work that must not hold the event loop, because the same loop answers requests. */
import { extname } from "node:path";
import { Piscina } from "piscina";
import { HarbingerError } from "../errors.ts";
import { threadLoaderArguments } from "./loader-arguments.ts";

export interface ThreadsOptions<Order> {
  /** what a thread does, as in `the thread that reads requests` */
  name: string;
  /** of the module that runs on each thread, with the caller's own extension; its default export takes an order and
   *  returns the answer; what fails there is a value, since an error loses its class between threads */
  filename: string;
  threads: number;
  /** how many orders one thread may have at once; more than one where they wait for the network */
  ordersAtOnce?: number;
  /** what each thread finds as its `workerData` */
  settings: unknown;
  /** an order that costs nothing: every thread has loaded once it is answered */
  firstOrder: Order;
  /** told why a thread ended; another takes its place */
  onThreadLost(reason: unknown): void;
  /** heap of one thread; one that needs more is lost, and the process lives on. Absent: as much as the process may have */
  maxHeapMb?: number;
}

export interface Threads<Order, Answer> {
  /** @param transfer buffers of the order that belong to the thread from now on
   *  @throws UNAVAILABLE when the thread ended over it; another one may do */
  run(order: Order, transfer?: ArrayBuffer[]): Promise<Answer>;
  /** Waits for the orders that are given. */
  close(): Promise<void>;
}

/** @throws what keeps the threads from starting */
export async function startThreads<Order, Answer>(options: ThreadsOptions<Order>): Promise<Threads<Order, Answer>> {
  const { name, filename, threads, ordersAtOnce = 1, settings, firstOrder, onThreadLost } = options;
  const pool = new Piscina<Order, Answer>({
    filename,
    execArgv: threadLoaderArguments(extname(filename)),
    workerData: settings,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: ordersAtOnce,
    // a thread that sleeps until the next order hears nothing from the network
    ...(ordersAtOnce > 1 && { atomics: "disabled" }),
    ...(options.maxHeapMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb } }),
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  const lost = new Promise<never>((_resolve, reject) => pool.once("error", reject));
  pool.on("error", onThreadLost);
  // the first real order should not wait for the threads to load
  const loaded = Promise.all(Array.from({ length: threads }, () => pool.run(firstOrder)));
  await Promise.race([loaded, lost]);
  lost.catch(() => {});
  return {
    run: async (order, transferList = []) => {
      try {
        return await pool.run(order, { transferList });
      } catch (cause) {
        onThreadLost(cause);
        throw new HarbingerError("UNAVAILABLE", `${name} ended`, { cause });
      }
    },
    close: () => pool.close(),
  };
}
