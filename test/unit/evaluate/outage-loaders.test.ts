import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DOWN, type OutageStudy, SPLITS, UNKNOWN, UP } from "../../../datasets/outages/outage-study.ts";
import { loadPdm } from "../../../datasets/outages/pdm-csv.ts";
import { loadStudy, loadStudyFrom } from "../../../training/evaluate/load-study.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const dataDir = process.env.HARBINGER_DATA_DIR ?? join(import.meta.dirname, "../../../../shared/data");
const publicFile = (name: string) => join(dataDir, "outages", name);
const missing = existsSync(publicFile("websites.avt")) ? "" : " (skipped: no public data; set HARBINGER_DATA_DIR)";

function slice({ rows }: OutageStudy, split: (typeof SPLITS)[number]) {
  const members = [...rows.split.keys()].filter((row) => rows.split[row] === SPLITS.indexOf(split));
  return { count: members.length, positives: members.filter((row) => rows.positive[row] === 1).length };
}

describe.skipIf(missing !== "")(`the public outage files${missing}`, () => {
  it("websites at 60 minutes: 70 sites, 113 680 test rows, 2.98 % positive", () => {
    const study = loadStudy(readFileSync(publicFile("websites.avt"), "utf8"), 60 * MINUTE);
    const { count, positives } = slice(study, "test");
    expect(study.series.length).toBe(70);
    expect(count).toBe(113_680);
    expect((100 * positives) / count).toBeCloseTo(2.98, 2);
  });

  it("pdm at 24 hours: 100 machines, 85 800 test rows, 1 530 before a failure", async () => {
    const study = await loadStudyFrom(join(dataDir, "pdm"), 24 * HOUR);
    expect(study.series.length).toBe(100);
    expect(slice(study, "train")).toEqual({ count: 158_400, positives: 3130 });
    expect(slice(study, "validation")).toEqual({ count: 35_200, positives: 724 });
    expect(slice(study, "test")).toEqual({ count: 85_800, positives: 1530 });
  });

  it("upptime at 6 hours: 27 847 test rows, 2.12 % positive", () => {
    const study = loadStudy(readFileSync(publicFile("upptime.csv"), "utf8"), 6 * HOUR);
    const { count, positives } = slice(study, "test");
    expect(count).toBe(27_847);
    expect((100 * positives) / count).toBeCloseTo(2.12, 2);
  });
});

describe("availability traces", () => {
  /** Up throughout but for outages of one step, one period between two. */
  const site = (name: string, steps: number, downAt: number[]) => {
    const bounds = [0, ...downAt.flatMap((step) => [step * 600, (step + 1) * 600]), steps * 600];
    return `${name} ${bounds.length / 2} ${bounds.join(" ")}`;
  };
  const steps = 6000;
  const outages = Array.from({ length: 20 }, (_, index) => 1100 + 200 * index);
  const study = loadStudy(
    [site("a", steps, outages), site("b", steps, []), site("c", steps, [5000])].join("\n"),
    60 * MINUTE,
  );

  it("know up, down and unknown steps", () => {
    expect(study.series[0]!.state[1099]).toBe(UP);
    expect(study.series[0]!.state[1100]).toBe(DOWN);
    expect(study.series[0]!.state[steps]).toBe(UNKNOWN);
    expect(study.series[0]!.falls[1100]).toBe(1);
  });

  it("label a row by any down step within the horizon, and measure the way there", () => {
    const { rows } = study;
    // Steps 1095 and 1098 come before the outage at 1100.
    const row = [...rows.window.keys()].find((index) => rows.series[index] === 0 && rows.window[index] === 1098)!;
    expect(rows.positive[row]).toBe(1);
    expect(rows.windowsToOnset[row]).toBe(2);
    const early = [...rows.window.keys()].find((index) => rows.series[index] === 0 && rows.window[index] === 1092)!;
    expect(rows.positive[early]).toBe(0);
    expect(rows.windowsToOnset[early]).toBe(8);
  });

  it("let no training row learn from beyond its slice", () => {
    const { rows } = study;
    const trainEnd = Math.floor(0.55 * (steps + 1));
    for (let row = 0; row < rows.window.length; row++) {
      if (rows.split[row] !== SPLITS.indexOf("train")) continue;
      expect(rows.window[row]! + rows.observedWindows[row]!).toBeLessThan(trainEnd);
      if (!Number.isNaN(rows.windowsToOnset[row])) {
        expect(rows.windowsToOnset[row]).toBeLessThanOrEqual(rows.observedWindows[row]!);
      }
    }
  });

  it("leave out moments when half the fleet is down", () => {
    const everyone = [4000];
    const bad = loadStudy(
      [site("a", steps, everyone), site("b", steps, everyone), site("c", steps, [])].join("\n"),
      60 * MINUTE,
    );
    expect([...bad.rows.window].some((step) => step >= 3994 && step <= 4000)).toBe(false);
    expect([...bad.rows.window].some((step) => step === 3993)).toBe(true);
  });

  it("count what the fleet does", () => {
    expect(study.series[1]!.fleetAt(1100)).toMatchObject({ reportingCount: 3, failedCount: 1, onsetCount: 1 });
  });

  it("refuse a line that does not add up, a horizon off the grid and a file of another kind", () => {
    expect(() => loadStudy("a 2 0 600\n", 60 * MINUTE)).toThrow(/line 1/);
    expect(() => loadStudy(site("a", 100, []), 61 * MINUTE)).toThrow(/horizon/);
    expect(() => loadStudy("hello\nworld", 60 * MINUTE)).toThrow(/neither/);
  });
});

describe("state changes", () => {
  const startMs = Date.UTC(2024, 0, 1);
  const line = (hours: number, status: string, service = "api, eu") =>
    `org/status,${service},${new Date(startMs + hours * HOUR).toISOString()},${status},200,120`;
  // An outage of half an hour each 20 hours, beginning 10.25 h after the first event.
  const changes = [line(0, "up")];
  for (let index = 0; index < 30; index++)
    changes.push(line(10.25 + 20 * index, "down"), line(10.75 + 20 * index, "up"));
  const study = loadStudy(["repo,service,time,status,http_code,latency_ms", ...changes].join("\n"), 6 * HOUR);

  it("keep commas in a service's name", () => {
    expect(study.series.map((series) => series.name)).toEqual(["api, eu"]);
  });

  it("show an outage within an hour as a fall and as time down, though the hour ends up", () => {
    const [series] = study.series;
    expect(series!.state[10]).toBe(UP);
    expect(series!.falls[10]).toBe(1);
    expect(series!.downShare[10]).toBeCloseTo(0.5, 6);
  });

  it("label a row by a fall within (t, t + horizon]", () => {
    const { rows } = study;
    const at = (hour: number) => [...rows.window.keys()].find((row) => rows.window[row] === hour - 1)!;
    // Falls at 30.25 h: 25 h sees it 6 windows ahead, 24 h does not.
    expect([rows.positive[at(25)], rows.windowsToOnset[at(25)]]).toEqual([1, 6]);
    expect([rows.positive[at(24)], rows.windowsToOnset[at(24)]]).toEqual([0, 7]);
  });

  it("leave out a service with too few events", () => {
    const few = [line(0, "up", "few"), line(1, "down", "few"), line(2, "up", "few")];
    const both = loadStudy(["repo,service,time,status,http_code,latency_ms", ...changes, ...few].join("\n"), 6 * HOUR);
    expect(both.series.map((series) => series.name)).toEqual(["api, eu"]);
  });
});

describe("a year of machines", () => {
  const stamp = (hours: number): string => new Date(Date.UTC(2020, 0, 1) + hours * HOUR).toISOString().slice(0, 19);
  const csv = (head: string, lines: readonly [number, string][]): string =>
    [head, ...lines.map(([hours, what]) => `"${stamp(hours).replace("T", " ")}",1,"${what}"`)].join("\n");
  const day = 24;
  const study = loadPdm(
    {
      errors: csv("datetime,machineID,errorID", [
        [7, "error1"],
        [20 * day, "error2"],
        [20 * day + 1, "error3"],
        [300 * day, "error1"],
      ]),
      failures: csv("datetime,machineID,failure", [[22 * day, "comp1"]]),
      maintenance: csv("datetime,machineID,comp", [
        [6, "comp1"],
        [20 * day, "comp2"],
        [22 * day, "comp1"],
      ]),
    },
    24 * HOUR,
  );
  const series = study.series[0]!;
  const momentOf = (row: number): number =>
    (series.startMs + study.rows.window[row]! * study.windowSizeMs + 2 * HOUR - Date.UTC(2020, 0, 1)) / HOUR;
  const rowAt = (hours: number): number => [...study.rows.window.keys()].find((row) => momentOf(row) === hours)!;

  it("asks every 3 hours from the 15th day to a day before the last error", () => {
    expect(momentOf(0)).toBe(14 * day);
    expect(momentOf(1)).toBe(14 * day + 3);
    expect(momentOf(study.rows.window.length - 1)).toBe(299 * day);
  });

  it("knows at a moment what is stamped with it, and nothing stamped later", () => {
    const window = study.rows.window[rowAt(20 * day)]!;
    expect(series.reportAt?.(window)).toMatchObject({ errorCount: 1, classes: { connectivity: 1 } });
    expect(Object.keys(series.reportAt?.(window).versions ?? {})).toEqual(["1.1.0.0"]);
    expect(series.reportAt?.(window + 1)).toMatchObject({ errorCount: 1, classes: { dependency_unavailable: 1 } });
    expect(Object.keys(series.reportAt?.(window - 1).versions ?? {})).toEqual(["1.0.0.0"]);
  });

  it("calls a row positive when a failure follows within a day, the moment itself left out", () => {
    expect(study.rows.positive[rowAt(21 * day - 3)]).toBe(0);
    expect(study.rows.positive[rowAt(21 * day)]).toBe(1);
    expect(study.rows.positive[rowAt(22 * day - 3)]).toBe(1);
    expect(study.rows.windowsToOnset[rowAt(22 * day - 3)]).toBe(1);
    expect(study.rows.positive[rowAt(22 * day)]).toBe(0);
  });

  it("says which line it cannot read, and which horizon it cannot use", () => {
    const files = { errors: "h\n2020-01-01 00:00:00,1,oops", failures: "h", maintenance: "h" };
    expect(() => loadPdm(files, 24 * HOUR)).toThrow(/line 2/);
    expect(() => loadPdm(files, HOUR)).toThrow(/multiple of 3 hours/);
  });
});
