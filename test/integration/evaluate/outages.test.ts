import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OutagesReport } from "../../../training/evaluate/outages.ts";

const STEPS = 144 * 40;

/** Sites that fail each day at their own hour, some days excepted: the time of day foretells it. */
function clockworkTraces(): string {
  return Array.from({ length: 6 }, (_, site) => {
    const bounds = [0];
    for (let day = 0; day < STEPS / 144; day++) {
      if ((day * 7 + site) % 5 === 0) continue;
      const step = day * 144 + 20 + site * 17;
      bounds.push(step * 600, (step + 1) * 600);
    }
    bounds.push(STEPS * 600);
    return `site-${site}.example ${bounds.length / 2} ${bounds.join(" ")}`;
  }).join("\n");
}

const evaluate = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", "training/evaluate/cli.ts", ...args], {
    cwd: join(import.meta.dirname, "../../.."),
  });

describe("npm run evaluate -- outages", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "harbinger-evaluate-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("prints the table and writes the numbers for a file that it has never seen", async () => {
    const file = join(folder, "traces.avt");
    const out = join(folder, "report.json");
    await writeFile(file, clockworkTraces());
    const { stdout } = await evaluate("outages", file, "--horizon", "60m", "--json", out, "--epochs", "8");
    // Its own numbers only: the cited ones belong to other rows.
    expect(stdout).toMatch(/hazard model +\d\.\d{4}/);
    expect(stdout).not.toContain("scikit-learn");

    // The file was written by the program under test, whose shape this is.
    const report = JSON.parse(await readFile(out, "utf8")) as OutagesReport;
    expect(report.rows.test).toBeGreaterThan(1000);
    expect(report.models.hazard.test.auc).toBeGreaterThan(0.9);
    expect(report.models.hazard.test.brier).toBeLessThan(report.models.hazard.test.baseRateBrier);
    expect(report.models.hazard.test.averagePrecision).toBeGreaterThan(report.models.prior.test.averagePrecision);
  });

  it("shows what more history would bring, on the validation slice", async () => {
    const file = join(folder, "traces-again.avt");
    await writeFile(file, clockworkTraces());
    const { stdout } = await evaluate("outages", file, "--learning-curve", "--epochs", "2");
    const rows = [...stdout.matchAll(/^(\d+) +[01]\.\d{4}/gm)].map((match) => Number(match[1]));
    expect(rows).toHaveLength(4);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  });

  it("says what is wrong with a file or a horizon, and fails", async () => {
    const file = join(folder, "short.avt");
    await writeFile(file, "a.example 1 0 60000\n");
    await expect(evaluate("outages", file)).rejects.toMatchObject({ stderr: expect.stringContaining("too short") });
    await expect(evaluate("outages", file, "--horizon", "soon")).rejects.toMatchObject({
      stderr: expect.stringContaining("not a duration"),
    });
    await expect(evaluate("nothing")).rejects.toMatchObject({ stderr: expect.stringContaining("usage") });
  });
});
