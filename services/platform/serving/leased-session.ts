/** A session that can be retired while calls are running: calls in flight finish on it, and so do calls of those who took it
 *  from the slot a moment before the swap. It is released when it has been retired, nothing runs on it, and nobody has used it
 *  for the grace period. */
import type { ModelSession } from "../../../models/model-session.ts";
import { HarbingerError } from "../errors.ts";
import type { OwnedSession } from "./onnx-session.ts";

export interface LeasedSession extends ModelSession {
  /** @param graceMs time without a call after which a retired session is freed
   *  @returns a promise that settles when the native memory is freed */
  retire(graceMs: number): Promise<void>;
}

export function leaseSession(owned: OwnedSession): LeasedSession {
  let inFlight = 0;
  let released = false;
  let retirement: { graceMs: number; done: PromiseWithResolver } | null = null;
  let timer: NodeJS.Timeout | undefined;

  const considerRelease = (): void => {
    if (retirement === null || inFlight > 0 || released) return;
    const { graceMs, done } = retirement;
    clearTimeout(timer);
    const release = (): void => {
      released = true;
      owned.release().then(done.resolve, done.reject);
    };
    if (graceMs === 0) release();
    else timer = setTimeout(release, graceMs).unref();
  };

  const lease =
    (session: Pick<ModelSession, "run">): ModelSession["run"] =>
    async (feeds) => {
      if (released)
        throw new HarbingerError("MODEL_NOT_READY", "this model version has been replaced; take the current one");
      inFlight += 1;
      clearTimeout(timer);
      try {
        return await session.run(feeds);
      } finally {
        inFlight -= 1;
        considerRelease();
      }
    };

  return {
    run: lease(owned),
    ...(owned.entered && {
      entered: Object.fromEntries(
        Object.entries(owned.entered).map(([input, network]) => [
          input,
          { ...network, rest: { run: lease(network.rest) } },
        ]),
      ),
    }),
    retire(graceMs) {
      retirement = { graceMs, done: retirement?.done ?? promiseWithResolver() };
      considerRelease();
      return retirement.done.promise;
    },
  };
}

interface PromiseWithResolver {
  promise: Promise<void>;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/** Promise.withResolvers, which Node 20 lacks. */
function promiseWithResolver(): PromiseWithResolver {
  let resolve: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
