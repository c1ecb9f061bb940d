/** Jobs that are merged in one transaction, as the window thread merges them, on a real database. */
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TelemetryBatch } from "../../../models/telemetry/records.ts";
import { mergeJob } from "../../../services/features/merge/merge-job.ts";
import { createMergeTogether } from "../../../services/features/merge/merge-together.ts";
import { openTelemetryJob, sealBatch } from "../../../services/platform/queue/telemetry-job.ts";
import { readLedger } from "../../../services/platform/store/ledger-store.ts";
import { batch, createFixture, error, type Fixture, snapshot, T0 } from "./worker-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

/** All jobs at the same moment; `merges` has the batches of each transaction. */
async function mergeAll(jobs: readonly TelemetryBatch[][], maxJobs: number) {
  const merges: number[] = [];
  const mergeTogether = createMergeTogether({
    merge: (job) => {
      merges.push(job.batches.length);
      return mergeJob(openTelemetryJob(job), fixture.mergeDeps);
    },
    ...{ maxJobs, maxBytes: Number.POSITIVE_INFINITY, maxMerges: 2 },
  });
  const results = await Promise.allSettled(jobs.map((batches) => mergeTogether({ batches: batches.map(sealBatch) })));
  return { merges, results };
}

const web = (requests: number) => batch([{ service: "web", atMs: T0, requests }], { errors: [error("web", T0)] });

describe("jobs merged together", () => {
  it("leave the same tables as jobs merged one by one, whichever of them come again", async () => {
    const batches = Array.from({ length: 12 }, (_, index) =>
      batch(
        [
          { service: `s-${index % 3}`, atMs: T0 + (index % 4) * 30_000, requests: index + 1, failures: index % 3 },
          { service: "gateway", atMs: T0, calls: { callee: `s-${index % 3}`, count: 2, errors: 1 } },
        ],
        { errors: [error(`s-${index % 3}`, T0 + index, { exceptionMessage: `Read timed out after ${index % 2} s` })] },
      ),
    );
    const jobs = batches.flatMap((one, index) => [[one], [one, batches[(index + 5) % 12]!], [one]]);
    const tables: unknown[] = [];
    const groups: number[] = [];
    for (const maxJobs of [1, 5, 100]) {
      await fixture.clear();
      const { merges, results } = await mergeAll(jobs, maxJobs);
      groups.push(merges.length);
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      tables.push(await snapshot(fixture.db));
    }
    expect(groups).toEqual([36, 8, 1]);
    expect(tables[1]).toEqual(tables[0]);
    expect(tables[2]).toEqual(tables[0]);
  });

  it("count a batch that is in two of them once, and once as a duplicate", async () => {
    const same = web(7);
    const { merges, results } = await mergeAll([[same], [same], [web(2)]], 10);
    expect(merges).toEqual([3]);
    const outcome = { "records.received": 16, "records.merged": 9, "records.duplicate": 7, "batches.duplicate": 1 };
    expect(results).toMatchObject([{ value: { outcome, jobCount: 3 } }, { value: null }, { value: null }]);
    expect(await readLedger(fixture.db)).toMatchObject({ ...outcome, "batches.merged": 2, "errors.counted": 2 });
    await mergeAll([[same], [same]], 10);
    expect(await readLedger(fixture.db)).toMatchObject({ "records.merged": 9, "batches.duplicate": 3 });
  });

  it("are merged but for the one that cannot be", async () => {
    const coarse = { ...web(5), windowSizeMs: 120_000 };
    const { results } = await mergeAll([[web(1)], [coarse], [web(2)]], 10);
    expect(results).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "CONFLICT", retryable: false } },
      { status: "fulfilled" },
    ]);
    expect(await readLedger(fixture.db)).toMatchObject({ "records.received": 3, "records.merged": 3 });
  });

  it("all come again after the database broke off their transaction, and count once", async () => {
    const jobs = [[web(1)], [web(2)], [web(3)]];
    const judge = fixture.mergeDeps.classifier.judge;
    fixture.mergeDeps.classifier = {
      judge: async (questions) => {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction'`.execute(fixture.db);
        return judge(questions);
      },
    };
    const broken = await mergeAll(jobs, 10);
    fixture.mergeDeps.classifier = { judge };
    expect(broken.merges).toEqual([3]);
    expect(broken.results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect((await readLedger(fixture.db))["records.received"]).toBe(0);
    await mergeAll(jobs, 10);
    expect(await readLedger(fixture.db)).toMatchObject({ "records.received": 6, "records.merged": 6 });
  });
});
