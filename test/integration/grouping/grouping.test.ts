/** Operators merge and split through the API; jobs of the features worker follow, and so do lists, labels and `/classify`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createErrorReader } from "../../../models/classifier/error-reader.ts";
import { fingerprintError } from "../../../models/classifier/fingerprint.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import { DEFAULT_NAME_BOUNDS } from "../../../models/windows/bounded-map.ts";
import { type MergeDeps, mergeJob } from "../../../services/features/merge/merge-job.ts";
import { createErrorClassifier } from "../../../services/platform/classification/error-classifier.ts";
import { createGroupingSource } from "../../../services/platform/grouping/grouping-source.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { batch, error, SIZE_MS, T0 } from "../features-worker/worker-fixture.ts";
import { startTestApi, type TestApi } from "../inference/start-api.ts";

let api: TestApi;
let deps: MergeDeps;
let sent = 0;

beforeAll(async () => {
  api = await startTestApi();
  const { db, clock, models } = api.platform;
  deps = {
    ...{ db, clock, logger: silentLogger, windowSizeMs: SIZE_MS, maxServices: 100, maxErrorGroups: 1_000 },
    nameBounds: DEFAULT_NAME_BOUNDS,
    classifier: createErrorClassifier({ db, clock, logger: silentLogger, models }),
    reader: createErrorReader(),
    grouping: createGroupingSource(),
    onFallback: () => {},
  };
});
afterAll(() => api.stop());

/** One error of a kind in a service, as a job of its own. */
async function send(record: ErrorRecord): Promise<void> {
  await mergeJob({ batches: [batch([], { errors: [record], salt: String(sent++) })] }, deps);
}

const kind = (type: string, message: string, service = "web"): ErrorRecord =>
  error(service, T0 + sent, { exceptionType: type, exceptionMessage: message });
const fingerprint = (type: string, message: string): string => fingerprintError(kind(type, message)).fingerprint;
const words = (words: string): ErrorRecord => kind("app.WordsError", words);
const named = (text: string): string => fingerprint("app.WordsError", text);

const change = (body: Record<string, unknown>, headers?: Record<string, string>) =>
  api.post("/grouping/changes", body, headers);
const undo = (id: string) => api.delete(`/grouping/changes/${id}`);

async function listed(path = "/errors"): Promise<Map<string, number>> {
  const { json } = await api.get(`${path}?limit=1000`);
  return new Map(
    json.items.map((group: { fingerprint: string; errorCount: number }) => [group.fingerprint, group.errorCount]),
  );
}

describe("merging groups", () => {
  it("shows them as one, counts new errors of either there, and undoing gives both back with all that came meanwhile", async () => {
    await send(words("cart is empty"));
    await send(words("basket is empty"));
    const [cart, basket] = [named("cart is empty"), named("basket is empty")];
    const merged = await change({ kind: "merge", into: cart, groups: [basket], operator: "user@example.com" });
    expect([merged.status, merged.json.effect]).toEqual([
      201,
      { movedCount: 1, moved: [{ fingerprint: basket, from: basket, to: cart }] },
    ]);
    await send(words("basket is empty"));
    await send(words("cart is empty"));
    for (const path of ["/errors", "/services/web/errors"]) {
      const groups = await listed(path);
      expect([groups.get(cart), groups.has(basket)]).toEqual([4, false]);
    }
    const detail = await api.get(`/errors/groups/${basket}`);
    expect(detail.json.group).toMatchObject({ fingerprint: cart, errorCount: 4 });
    expect(detail.json.members.map((one: { fingerprint: string }) => one.fingerprint).sort()).toEqual(
      [basket, cart].sort(),
    );

    const undone = await undo(merged.json.id);
    expect([undone.status, undone.json.undoes]).toEqual([201, merged.json.id]);
    const after = await listed();
    expect([after.get(cart), after.get(basket)]).toEqual([2, 2]);
  });

  it("takes the labels along, in /classify and in the worker, and gives them back", async () => {
    await send(words("ledger closed"));
    await send(words("journal closed"));
    const [ledger, journal] = [named("ledger closed"), named("journal closed")];
    await api.post("/feedback", { target: { fingerprint: ledger }, label: { class: "resource_exhausted" } });
    const ask = async () => {
      const body = { errors: [{ exception: { type: "app.WordsError", message: "journal closed" } }] };
      return (await api.post("/classify", body)).json.classifications[0];
    };
    const merged = await change({ kind: "merge", into: ledger, groups: [journal] });
    expect(await ask()).toMatchObject({ fingerprint: ledger, class: "resource_exhausted" });
    await send(words("journal closed"));
    expect((await api.get(`/errors/groups/${ledger}`)).json.group).toMatchObject({ class: "resource_exhausted" });
    await undo(merged.json.id);
    expect((await ask()).fingerprint).toBe(journal);
  });

  it("is refused across exception types unless that is asked for, for unknown groups and for those merged away", async () => {
    await send(kind("app.FirstError", "one"));
    await send(kind("app.SecondError", "two"));
    const [first, second] = [fingerprint("app.FirstError", "one"), fingerprint("app.SecondError", "two")];
    const refused = await change({ kind: "merge", into: first, groups: [second] });
    expect([refused.status, refused.json.errors[0].path]).toEqual([422, "body.groups"]);
    expect((await change({ kind: "merge", into: first, groups: ["v2-unknown"] })).status).toBe(404);
    expect((await change({ kind: "merge", into: first, groups: ["_OTHER"] })).status).toBe(422);
    expect((await change({ kind: "merge", into: first, groups: [second], acrossTypes: true })).status).toBe(201);
    const again = await change({ kind: "merge", into: second, groups: [first] });
    expect([again.status, again.json.detail]).toEqual([409, `${second} is merged into ${first}`]);
  });

  it("lets one member be taken out again", async () => {
    for (const text of ["red lamp", "green lamp", "blue lamp"]) await send(words(text));
    const [red, green, blue] = [named("red lamp"), named("green lamp"), named("blue lamp")];
    await change({ kind: "merge", into: red, groups: [green, blue] });
    expect((await change({ kind: "separate", from: red, groups: [green] })).status).toBe(201);
    await send(words("green lamp"));
    const groups = await listed();
    expect([groups.get(red), groups.get(green), groups.has(blue)]).toEqual([2, 2, false]);
  });
});

describe("splitting a group", () => {
  it("by service makes new errors of each service a group, under the label of the whole, and undoing unites them", async () => {
    const text = "pool is drained";
    await send(kind("app.PoolError", text, "web"));
    const whole = fingerprint("app.PoolError", text);
    await api.post("/feedback", { target: { fingerprint: whole }, label: { class: "resource_exhausted" } });
    const split = await change({ kind: "split", group: whole, by: "service" });
    expect(split.status).toBe(201);
    for (const service of ["web", "web", "worker"]) await send(kind("app.PoolError", text, service));
    const parts = [...(await listed())].filter(([name]) => name.startsWith(whole));
    expect(parts.map(([name, count]) => [name.split(".")[0], count]).sort()).toEqual(
      [
        [whole, 1],
        [`${whole}~service`, 2],
        [`${whole}~service`, 1],
      ].sort(),
    );
    const part = parts.find(([, count]) => count === 2)![0];
    const { json } = await api.get(`/errors/groups/${encodeURIComponent(part)}`);
    expect(json.group).toMatchObject({ class: "resource_exhausted", abstained: false });
    expect((await api.get(`/errors/groups/${whole}`)).json.splitBy).toBe("service");
    const closed = await change({ kind: "merge", into: whole, groups: [part] });
    expect([closed.status, closed.json.detail]).toEqual([409, `${whole} is split by service: name one of its parts`]);

    expect((await undo(split.json.id)).json.effect.movedCount).toBe(2);
    expect([...(await listed())].filter(([name]) => name.startsWith(whole))).toEqual([[whole, 4]]);
  });

  it("by message tells quoted values apart, which the fingerprint does not", async () => {
    const text = (value: string) => `setting "${value}" is missing`;
    await send(kind("app.SettingError", text("a")));
    const whole = fingerprint("app.SettingError", text("a"));
    expect(fingerprint("app.SettingError", text("b"))).toBe(whole);
    await change({ kind: "split", group: whole, by: "message" });
    for (const value of ["a", "b", "b"]) await send(kind("app.SettingError", text(value)));
    const parts = [...(await listed())].filter(([name]) => name.startsWith(`${whole}~message`));
    expect(parts.map(([, count]) => count).sort()).toEqual([1, 2]);
  });

  it("does not make a part a new kind of error where the whole was known", async () => {
    const { countNewFingerprints } = await import("../../../services/platform/store/closing-store.ts");
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, sizeMs: SIZE_MS };
    const total = async () =>
      (await countNewFingerprints(api.platform.db, range)).reduce((sum, { count }) => sum + Number(count), 0);
    await send(kind("app.KnownError", "known"));
    const before = await total();
    await change({ kind: "split", group: fingerprint("app.KnownError", "known"), by: "frame" });
    await send(kind("app.KnownError", "known"));
    expect(await total()).toBe(before);
  });
});

describe("the log of changes", () => {
  it("is only ever added to, and says who undid what", async () => {
    for (const text of ["north gate", "south gate"]) await send(words(text));
    const body = { kind: "merge", into: named("north gate"), groups: [named("south gate")], comment: "one gate" };
    const merged = await change({ ...body, operator: "user@example.com" });
    const undone = await api.delete(`/grouping/changes/${merged.json.id}?operator=user@example.com`);
    const { json } = await api.get("/grouping/changes?limit=2");
    expect(json.items).toEqual([
      { ...undone.json, undoneBy: null },
      { ...merged.json, undoneBy: undone.json.id },
    ]);
    expect(json.items[1]).toMatchObject({ operator: "user@example.com", comment: "one gate" });
    const older = await api.get(`/grouping/changes?limit=1&cursor=${json.nextCursor}`);
    expect(older.json.items).toHaveLength(1);
    const repeated = await undo(merged.json.id);
    expect([repeated.status, repeated.json.id]).toEqual([200, undone.json.id]);
    expect((await undo(undone.json.id)).status).toBe(409);
    expect((await undo("00000000-0000-4000-8000-000000000000")).status).toBe(404);
  });

  it("answers a repeated request under one key with its first answer, also when both come at once", async () => {
    for (const text of ["old bridge", "new bridge"]) await send(words(text));
    const body = { kind: "merge", into: named("old bridge"), groups: [named("new bridge")] };
    const headers = { "idempotency-key": "bridge" };
    const answers = await Promise.all([change(body, headers), change(body, headers)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(answers[0]!.json.id).toBe(answers[1]!.json.id);
    const other = await change({ ...body, comment: "another" }, headers);
    expect([other.status, other.json.errors[0].path]).toEqual([422, "headers.idempotency-key"]);
  });

  it("keeps a change on which a later one builds", async () => {
    for (const text of ["low tide", "high tide"]) await send(words(text));
    const [low, high] = [named("low tide"), named("high tide")];
    const merged = await change({ kind: "merge", into: low, groups: [high] });
    const separated = await change({ kind: "separate", from: low, groups: [high] });
    const refused = await undo(merged.json.id);
    expect([refused.status, refused.json.dependentChanges]).toEqual([409, [separated.json.id]]);
    await undo(separated.json.id);
    expect((await undo(merged.json.id)).status).toBe(201);
  });

  it("leaves no error in a former group when jobs and changes come at the same time", async () => {
    const texts = Array.from({ length: 6 }, (_, n) => `${"abcdef"[n]} storm`);
    for (const text of texts) await send(words(text));
    const [into, ...groups] = texts.map(named);
    const worker = async () => {
      for (let n = 0; n < 12; n++) await send(words(texts[n % 6]!));
    };
    const operator = async () => {
      for (const group of groups) await change({ kind: "merge", into, groups: [group] });
    };
    await Promise.all([worker(), worker(), operator()]);
    const counts = await listed();
    expect([into, ...groups].map((name) => counts.get(name!) ?? 0)).toEqual([30, 0, 0, 0, 0, 0]);
  });
});

describe("similar groups", () => {
  it("are found by what they share, follow merges, and can be kept to one exception type", async () => {
    const trace = (message: string) =>
      `${message}\n\tat com.shop.Ledger.close(Ledger.java:7)\n\tat com.shop.Job.run(Job.java:9)`;
    const ledger = (type: string, message: string): ErrorRecord => ({
      ...kind(type, message),
      stacktrace: trace(`${type}: ${message}`),
    });
    const records = [
      ledger("app.LedgerError", "balance differs"),
      ledger("app.LedgerError", "balance was late"),
      ledger("app.WrapperError", "job failed: balance differs"),
    ];
    for (const record of records) await send(record);
    const [asked, late, wrapper] = records.map((record) => fingerprintError(record).fingerprint);
    const find = async (query = "") => {
      const { json } = await api.get(`/errors/groups/${asked}/similar?limit=2${query}`);
      return json.items.map((item: { group: { fingerprint: string } }) => item.group.fingerprint);
    };
    expect((await find()).sort()).toEqual([late, wrapper].sort());
    expect((await find("&sameType=true"))[0]).toBe(late);
    expect(await find("&sameType=true")).not.toContain(wrapper);
    await change({ kind: "merge", into: asked, groups: [late] });
    expect(await find()).not.toContain(late);
    expect((await api.get("/errors/groups/v2-none/similar")).status).toBe(404);
  });
});
