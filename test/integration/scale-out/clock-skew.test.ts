/** Senders whose clocks disagree: an hour behind, nine minutes ahead, two hours ahead. The others' windows close as if they were not
 *  there, and every record is merged, merged late or rejected, and counted as such. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually } from "../../helpers/cluster.ts";
import { createExporter, type ExportRequest } from "../../helpers/otlp-exporter.ts";
import { exportRequest } from "../../helpers/otlp-load.ts";
import { nanos, resource, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { hasRedisServer } from "../../helpers/redis-server.ts";
import { queryRows, readWindowsOverHttp } from "../../helpers/telemetry-totals.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { expectBalance, settled } from "./settle.ts";

const SIZE_MS = 3_000;
const SPANS = 3;
const MINUTE = 60_000;
const SKEWS = { right: 0, behind: -60 * MINUTE, ahead: 9 * MINUTE, "far-ahead": 120 * MINUTE } as const;
type Sender = keyof typeof SKEWS;

describe.skipIf(!hasRedisServer())("senders with wrong clocks (skipped without a redis-server)", () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet(["receiver,features,inference", "receiver,features,inference"], {
      HARBINGER_WINDOW_SIZE: `${SIZE_MS}ms`,
      HARBINGER_ALLOWED_LATENESS: "3s",
      HARBINGER_IDLE_TIMEOUT: "10m",
    });
  });
  afterAll(async () => {
    await fleet?.dispose();
  });

  it("do not disturb the others, and every record of theirs is accounted for", async () => {
    const exporter = createExporter({ urls: () => fleet.cluster.otlpUrls(), senders: 4, pauseMs: 20, random: () => 1 });
    /** records by sender and start of the window that they belong to */
    const sent: Record<Sender, Map<number, number>> = {
      ...{ right: new Map(), behind: new Map(), ahead: new Map() },
      "far-ahead": new Map(),
    };
    const next = (sender: Sender): ExportRequest => {
      const timeMs = Date.now() + SKEWS[sender];
      const startMs = Math.floor(timeMs / SIZE_MS) * SIZE_MS;
      sent[sender].set(startMs, (sent[sender].get(startMs) ?? 0) + SPANS);
      const isRejected = SKEWS[sender] > 10 * MINUTE;
      const request = tracesRequest(
        Array.from({ length: SPANS }, () => servedAt(timeMs)),
        resource(sender),
      );
      return exportRequest("traces", request, SPANS, { rejected: isRejected ? SPANS : 0 });
    };
    function* inTurn(senders: readonly Sender[]): Generator<ExportRequest, never> {
      while (true) for (const sender of senders) yield next(sender);
    }
    const sendUntil = async (senders: readonly Sender[], isEnough: () => Promise<unknown>) => {
      const isOver = new AbortController();
      const delivered = exporter.deliver(inTurn(senders), isOver.signal);
      await Promise.race([isEnough(), delivered]);
      isOver.abort();
      await delivered;
    };
    const [api = ""] = fleet.cluster.apiUrls("inference");
    const closedWindows = async (service: string) =>
      (await readWindowsOverHttp(api, service)).filter((window) => window.closed === true);
    const areClosed = (count: number) => () =>
      eventually(
        () => closedWindows("right"),
        (windows) => windows.length >= count,
        { what: `${count} windows closing` },
      );
    await sendUntil(["right", "ahead", "far-ahead"], areClosed(1));
    // Time is now far beyond anything that a sender an hour behind can say.
    await sendUntil(["right", "behind", "ahead", "far-ahead"], areClosed(3));
    expectBalance(await settled(fleet.databaseUrl, () => api, exporter.account.acknowledged), exporter.account);

    const read = async (service: Sender) => windowsSchema.parse(await readWindowsOverHttp(api, service));
    const countsOf = (windows: z.output<typeof windowsSchema>) =>
      new Map(
        windows.filter(({ requestCount }) => requestCount > 0).map((one) => [Date.parse(one.start), one.requestCount]),
      );
    const lateOf = (windows: z.output<typeof windowsSchema>) => windows.reduce((sum, one) => sum + one.lateCount, 0);

    const right = await read("right");
    expect(countsOf(right)).toEqual(sent.right);
    expect(right.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(3);
    expect(lateOf(right)).toBe(0);

    const behind = await read("behind");
    expect(countsOf(behind)).toEqual(sent.behind);
    expect(lateOf(behind)).toBe([...sent.behind.values()].reduce((sum, count) => sum + count, 0));
    const [late] = await queryRows(
      fleet.databaseUrl,
      "select value::int as value from ledger where counter = 'records.late'",
    );
    expect(late?.value).toBe(lateOf(behind));

    const ahead = await read("ahead");
    expect(countsOf(ahead)).toEqual(sent.ahead);
    expect(ahead.filter(({ closed, requestCount }) => closed && requestCount > 0)).toEqual([]);

    // Rejected for good, so nothing is known of it.
    await expect(readWindowsOverHttp(api, "far-ahead")).rejects.toThrow("404");
    const [url = ""] = fleet.cluster.otlpUrls();
    const { path, headers, body } = next("far-ahead");
    const answer = await fetch(`${url}${path}`, { method: "POST", headers, body });
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedSpans: String(SPANS) } });
  }, 240_000);
});

const windowsSchema = z.array(
  z.object({ start: z.string(), closed: z.boolean(), requestCount: z.number(), lateCount: z.number() }),
);

function servedAt(timeMs: number): object {
  const ids = { traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex") };
  const time = { startTimeUnixNano: nanos(timeMs - 5), endTimeUnixNano: nanos(timeMs) };
  return { ...ids, ...time, name: "GET /", kind: 2, status: {} };
}
