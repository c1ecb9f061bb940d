import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../models/model-session.ts";
import { leaseSession } from "../../../services/platform/serving/leased-session.ts";

/** A session whose calls end when the test says so. */
function createManualSession() {
  const pending: (() => void)[] = [];
  const session = {
    inputNames: [],
    outputNames: [],
    released: false,
    run: () =>
      new Promise<Record<string, Tensor>>((resolve) => {
        pending.push(() => resolve({ sum: { data: Float32Array.of(1), dims: [1] } }));
      }),
    release: async () => {
      session.released = true;
    },
  };
  return { session, finishNext: () => pending.shift()?.() };
}

describe("a leased session", () => {
  it("is released only after the calls in flight have ended", async () => {
    const { session, finishNext } = createManualSession();
    const leased = leaseSession(session);
    const first = leased.run({});
    const second = leased.run({});
    const retired = leased.retire(0);
    finishNext();
    await first;
    expect(session.released).toBe(false);
    finishNext();
    await second;
    await retired;
    expect(session.released).toBe(true);
  });

  it("still answers within the grace period for those who hold it", async () => {
    const { session, finishNext } = createManualSession();
    const leased = leaseSession(session);
    void leased.retire(60_000);
    const late = leased.run({});
    finishNext();
    await expect(late).resolves.toHaveProperty("sum");
    expect(session.released).toBe(false);
    await leased.retire(0);
    expect(session.released).toBe(true);
  });

  it("refuses, as something to be tried again, once it is released", async () => {
    const { session } = createManualSession();
    const leased = leaseSession(session);
    await leased.retire(0);
    await expect(leased.run({})).rejects.toMatchObject({ code: "MODEL_NOT_READY", retryable: true });
  });
});
