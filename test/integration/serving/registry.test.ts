import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  listModels,
  MODEL_ALIAS_CHANNEL,
  type NewModelVersion,
  previousVersion,
  readAlias,
  readAliasAudit,
  readArtifact,
  readVersion,
  registerVersion,
  setAlias,
} from "../../../services/platform/store/registry-store.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const version = (name: string, change: Partial<NewModelVersion> = {}): NewModelVersion => ({
  name,
  status: "passed",
  manifest: { format: 1 },
  metrics: { accuracy: 0.9 },
  verdict: { passed: true },
  card: "# Card",
  datasetHash: "abc",
  artifact: Uint8Array.of(1, 2, 3),
  createdAtMs: 1000,
  ...change,
});
const promote = (name: string, to: string | null, reason = "test") =>
  setAlias(database.db, { name, alias: "champion", version: to, actor: "user@example.com", reason, atMs: 2000 });

describe("the model registry", () => {
  it("numbers versions, also when they are registered at once, and stores equal bytes once", async () => {
    const registered = await Promise.all(
      Array.from({ length: 8 }, () => registerVersion(database.db, version("numbered"))),
    );
    expect(registered.map((one) => Number(one.version)).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(registered.map((one) => one.artifactSha256)).size).toBe(1);
    const stored = await readVersion(database.db, "numbered", "3");
    expect(stored).toMatchObject({ status: "passed", manifest: { format: 1 }, card: "# Card", createdAtMs: 1000 });
    expect(await readArtifact(database.db, stored!.artifactSha256)).toEqual(Buffer.from([1, 2, 3]));
    expect(await readVersion(database.db, "numbered", "99")).toBeNull();
  });

  it("refuses to change a version or its bytes", async () => {
    await registerVersion(database.db, version("fixed"));
    const update = database.db
      .updateTable("model_versions")
      .set({ status: "passed" })
      .where("name", "=", "fixed")
      .execute();
    await expect(update).rejects.toThrow("immutable");
    await expect(sql`update model_artifacts set content = '\\x00'`.execute(database.db)).rejects.toThrow("immutable");
  });

  it("moves aliases with an audit and rolls back one version at a time", async () => {
    for (let count = 0; count < 3; count += 1) await registerVersion(database.db, version("rolled"));
    for (const to of ["1", "2", "3"]) await promote("rolled", to);
    expect(await previousVersion(database.db, "rolled", "champion")).toBe("2");
    expect(await promote("rolled", "2", "rolled back")).toEqual({ previous: "3", changed: true });
    expect(await previousVersion(database.db, "rolled", "champion")).toBe("1");
    expect(await promote("rolled", "2")).toEqual({ previous: "2", changed: false });
    expect(await promote("rolled", null)).toEqual({ previous: "2", changed: true });
    expect(await readAlias(database.db, "rolled", "champion")).toBeNull();
    const audit = await readAliasAudit(database.db, { name: "rolled", limit: 10 });
    expect(audit.map((row) => [row.fromVersion, row.toVersion, row.reason])).toEqual([
      ["2", null, "test"],
      ["3", "2", "rolled back"],
      ["2", "3", "test"],
      ["1", "2", "test"],
      [null, "1", "test"],
    ]);
  });

  it("lets no version be champion that did not pass the gate, or that does not exist", async () => {
    await registerVersion(database.db, version("gated", { status: "rejected" }));
    await expect(promote("gated", "1")).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(promote("gated", "7")).rejects.toMatchObject({ code: "NOT_FOUND" });
    const shadow = {
      name: "gated",
      alias: "shadow",
      version: "1",
      actor: "user@example.com",
      reason: "look",
      atMs: 1,
    } as const;
    expect(await setAlias(database.db, shadow)).toMatchObject({ changed: true });
    expect(await readAliasAudit(database.db, { name: "gated", alias: "champion", limit: 10 })).toEqual([]);
  });

  it("tells every listener", async () => {
    await registerVersion(database.db, version("told"));
    const payload = new Promise<string>((resolve) => void database.listen(MODEL_ALIAS_CHANNEL, resolve));
    await expect.poll(() => promote("told", "1").then((moved) => moved.previous)).toBe("1");
    await promote("told", null);
    expect(JSON.parse(await payload)).toEqual({ name: "told", alias: "champion" });
  });

  it("lists models with their aliases, newest version first", async () => {
    for (let count = 0; count < 11; count += 1) await registerVersion(database.db, version("listed"));
    await promote("listed", "9");
    const listed = (await listModels(database.db)).find((model) => model.name === "listed");
    expect(listed?.aliases).toEqual({ champion: "9" });
    expect(listed?.versions.map((one) => one.version).slice(0, 3)).toEqual(["11", "10", "9"]);
  });
});
