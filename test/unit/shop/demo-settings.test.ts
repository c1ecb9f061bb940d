import { describe, expect, it } from "vitest";
import { faultOf, type HappenedEpisode } from "../../../datasets/shop/demo/happened-episode.ts";
import { readSettings, watchTime } from "../../../datasets/shop/demo/settings.ts";

describe("the demo's command line", () => {
  it("has a default for everything, in whole windows", () => {
    const settings = readSettings([]);
    if (settings === "help") throw new Error("no help was asked for");
    expect(settings.regions).toEqual(["eu", "us"]);
    expect(settings.exit).toBe(false);
    expect(settings.horizonsMs).toContain(settings.primaryHorizonMs);
    for (const horizonMs of settings.horizonsMs) expect(horizonMs % settings.windowSizeMs).toBe(0);
  });

  it("scales the horizons with the window", () => {
    expect(readSettings(["--window", "2", "--exit", "--json", "out.json"])).toMatchObject({
      exit: true,
      jsonFile: "out.json",
      windowSizeMs: 2_000,
      primaryHorizonMs: 10_000,
    });
  });

  it.each([
    ["--regions", "0"],
    ["--regions", "5"],
    ["--seed", "x"],
    ["--duration", "1.5"],
    ["--unknown", "1"],
  ])("refuses %s %s", (name, value) => {
    expect(() => readSettings([name, value])).toThrow(name);
  });

  it("watches as long as four minutes allow, but long enough to see something, and as told when told", () => {
    const settings = readSettings([]);
    const told = readSettings(["--watch", "100"]);
    if (settings === "help" || told === "help") throw new Error("no help was asked for");
    expect(watchTime(settings, 140_000)).toBe(55_000);
    expect(watchTime(settings, 178_000)).toBe(40_000);
    expect(watchTime(settings, 500_000)).toBe(30_000);
    expect(watchTime(told, 200_000)).toBe(100_000);
  });

  it("shows how it is used", () => {
    expect(readSettings(["--help"])).toBe("help");
  });
});

describe("the fault behind an onset", () => {
  const episode: HappenedEpisode = {
    region: "eu",
    kind: "pool_leak",
    service: "inventory",
    startMs: 5_000,
    buildUpMs: 10_000,
    holdMs: 4_000,
    endMs: 19_000,
    scheduleStartedAtMs: 1_000_000,
  };
  const onset = (service: string, atMs: number) => ({
    service,
    startMs: atMs,
    warned: false,
    leadMs: null,
    resumed: false,
  });

  it("is that of the region's episode, also for the services that only suffer from it, and shortly after", () => {
    expect(faultOf(onset("eu/web", 1_014_000), [episode])).toBe("pool_leak");
    expect(faultOf(onset("eu/web", 1_020_000), [episode])).toBe("pool_leak");
  });

  it("is none elsewhere or at another time", () => {
    expect(faultOf(onset("us/web", 1_014_000), [episode])).toBeNull();
    expect(faultOf(onset("eu/web", 1_002_000), [episode])).toBeNull();
    expect(faultOf(onset("eu/web", 1_030_000), [episode])).toBeNull();
  });
});
