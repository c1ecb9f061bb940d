/** A receiver in each test of a suite. */
import { afterEach } from "vitest";
import { startTestReceiver, type TestReceiver, type TestReceiverOptions } from "./receiver.ts";

/** @returns starts one; it is stopped after the test, unless the test has done so */
export function receiverPerTest(): (options?: TestReceiverOptions) => Promise<TestReceiver> {
  const running = new Set<TestReceiver>();
  afterEach(async () => {
    for (const receiver of running) await receiver.stop();
  });
  return async (options = {}) => {
    const started = await startTestReceiver(options);
    const receiver: TestReceiver = {
      ...started,
      stop: () => {
        running.delete(receiver);
        return started.stop();
      },
    };
    running.add(receiver);
    return receiver;
  };
}
