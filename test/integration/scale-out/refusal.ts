/** Senders who are told to come back because nobody takes jobs from the queue, and who get through once somebody does. */
import { expect } from "vitest";
import { type Cluster, eventually } from "../../helpers/cluster.ts";
import { createExporter, type DeliveryAccount, type ExportRequest } from "../../helpers/otlp-exporter.ts";
import { seeded } from "../../helpers/otlp-payloads.ts";
import { expectBalance, settled } from "./settle.ts";

export interface RefusalPlan {
  databaseUrl: string;
  /** without end, as far as this test goes */
  load: Iterator<ExportRequest>;
  seed: number;
  senders: number;
  pauseMs?: number;
  /** how a request is refused, and how many of them are enough to see it */
  status: number;
  refusals: number;
  /** requests that are never taken before one is refused */
  most: number;
  /** requests that must get through once there is a worker */
  taken: number;
}

/** @param cluster receivers alone; gets a worker   @returns the account, which balances */
export async function expectRefusalUntilWorked(cluster: Cluster, plan: RefusalPlan): Promise<DeliveryAccount> {
  const { account, deliver } = createExporter({
    ...{ urls: () => cluster.otlpUrls(), senders: plan.senders, random: seeded(plan.seed) },
    ...(plan.pauseMs !== undefined && { pauseMs: plan.pauseMs }),
  });
  const isOver = new AbortController();
  const delivered = deliver(plan.load, isOver.signal);
  const refused = () => account.answers.get(plan.status) ?? 0;
  const takenCount = () => account.acknowledged.length;
  try {
    await Promise.race([
      eventually(
        () => ({ refused: refused(), taken: takenCount() }),
        (seen) => seen.refused >= plan.refusals || seen.taken > plan.most,
        { what: "senders being told to come back" },
      ),
      delivered,
    ]);
    const takenBefore = takenCount();
    expect(refused(), `${takenBefore} requests were taken and none refused`).toBeGreaterThan(0);

    await cluster.add("features");
    await Promise.race([
      eventually(takenCount, (count) => count > takenBefore + plan.taken, { what: "requests being taken again" }),
      delivered,
    ]);
  } finally {
    isOver.abort();
    await delivered;
  }
  const [page = ""] = cluster.apiUrls("features");
  expectBalance(await settled(plan.databaseUrl, () => page, account.acknowledged), account);
  expect([...account.answers.keys()].sort()).toEqual([200, plan.status]);
  expect(account.withoutRetryAfter).toBe(0);
  return account;
}
