import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadConfig, unknownSettings } from "../../../services/platform/config/config.ts";
import { byteSize, duration, formatBytes, formatDuration } from "../../../services/platform/config/parsers.ts";
import { renderConfigurationReference } from "../../../services/platform/config/reference.ts";
import { Secret } from "../../../services/platform/config/secret.ts";
import { SETTINGS } from "../../../services/platform/config/settings.ts";
import { HarbingerError } from "../../../services/platform/errors.ts";

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(HarbingerError);
    const { code, details } = error as HarbingerError;
    expect(code).toBe("INVALID_CONFIG");
    return details.problems as string[];
  }
  return [];
}

describe("loadConfig", () => {
  test("an empty environment gives the documented defaults", () => {
    const config = loadConfig({});
    expect(config.roles).toEqual(["receiver", "features", "inference", "training", "lifecycle"]);
    expect(config).toMatchObject({
      host: "127.0.0.1",
      http: { port: 8080 },
      receiver: { httpPort: 4318, maxBodyBytes: 64 * 1024 * 1024, maxPastMs: 90 * 86_400_000 },
      windows: { sizeMs: 60_000, allowedLatenessMs: 10_000, idleTimeoutMs: 120_000, closeIntervalMs: 1_000 },
      horizonsMs: [300_000, 900_000, 1_800_000, 3_600_000],
      primaryHorizonMs: 900_000,
      database: { dataDir: ".harbinger" },
      training: { gate: { minAccuracy: 0.85, maxCalibrationError: 0.05 } },
    });
    expect(config.redisUrl).toBeUndefined();
    expect(config.database.url).toBeUndefined();
  });

  test("what depends on the window size follows it", () => {
    const config = loadConfig({ HARBINGER_WINDOW_SIZE: "2s" });
    expect(config.windows).toEqual({
      sizeMs: 2_000,
      allowedLatenessMs: 6_000,
      idleTimeoutMs: 4_000,
      closeIntervalMs: 200,
    });
    expect(config.horizonsMs).toEqual([10_000, 30_000, 60_000, 120_000]);
    expect(loadConfig({ HARBINGER_WINDOW_SIZE: "1h" }).windows.closeIntervalMs).toBe(1_000);
    expect(loadConfig({ HARBINGER_WINDOW_SIZE: "1s" }).windows).toMatchObject({
      closeIntervalMs: 100,
      allowedLatenessMs: 6_000,
    });
  });

  test("every bad setting is listed at once, whichever rule it breaks", () => {
    const problems = problemsOf({
      HARBINGER_ROLES: "receiver,cook",
      HARBINGER_HTTP_PORT: "99999",
      HARBINGER_MAX_BODY_BYTES: "lots",
      HARBINGER_HORIZONS: "90s",
      HARBINGER_FAILURE_ERROR_RATIO: "1.5",
      HARBINGER_PRIMARY_HORIZON: "7m",
      HARBINGER_LOG_LEVEL: "loud",
    });
    expect(problems).toHaveLength(7);
    for (const name of [
      "ROLES",
      "HTTP_PORT",
      "MAX_BODY_BYTES",
      "HORIZONS",
      "ERROR_RATIO",
      "PRIMARY_HORIZON",
      "LOG_LEVEL",
    ]) {
      expect(problems.filter((problem) => problem.includes(name)).length, name).toBeGreaterThan(0);
    }
  });

  test("an address that two listeners would share is refused", () => {
    expect(problemsOf({ HARBINGER_HTTP_PORT: "4318" })).toHaveLength(1);
    expect(problemsOf({ HARBINGER_HTTP_PORT: "4317" })).toEqual([
      "HARBINGER_HTTP_PORT and HARBINGER_OTLP_GRPC_PORT are both 4317",
    ]);
    expect(
      problemsOf({ HARBINGER_HTTP_PORT: "0", HARBINGER_OTLP_HTTP_PORT: "0", HARBINGER_OTLP_GRPC_PORT: "0" }),
    ).toEqual([]);
    expect(problemsOf({ HARBINGER_HTTP_PORT: "4317", HARBINGER_OTLP_GRPC_PORT: "off" })).toEqual([]);
  });

  test("the gRPC receiver is a port, or off", () => {
    expect(loadConfig({}).receiver.grpcPort).toBe(4317);
    expect(loadConfig({ HARBINGER_OTLP_GRPC_PORT: "0" }).receiver.grpcPort).toBe(0);
    expect(loadConfig({ HARBINGER_OTLP_GRPC_PORT: "OFF" }).receiver.grpcPort).toBeUndefined();
    for (const wrong of ["no", "-1", "70000", "0x10"]) {
      expect(problemsOf({ HARBINGER_OTLP_GRPC_PORT: wrong })).toEqual([
        "HARBINGER_OTLP_GRPC_PORT is neither a port from 0 to 65535 nor `off`",
      ]);
    }
  });

  test("TLS needs a certificate and its key, whatever else is wrong", () => {
    const [cert, key, ca] = ["CERT", "KEY", "CLIENT_CA"].map((name) => `HARBINGER_OTLP_TLS_${name}_FILE`) as [
      string,
      string,
      string,
    ];
    expect(loadConfig({}).receiver.tls).toBeUndefined();
    expect(loadConfig({ [cert]: "c.pem", [key]: "k.pem" }).receiver.tls).toEqual({
      certFile: "c.pem",
      keyFile: "k.pem",
    });
    expect(loadConfig({ [cert]: "c.pem", [key]: "k.pem", [ca]: "a.pem" }).receiver.tls?.clientCaFile).toBe("a.pem");
    expect(problemsOf({ [cert]: "c.pem", HARBINGER_MAX_PAST: "x" })).toEqual([
      expect.stringMatching(/^HARBINGER_MAX_PAST /),
      expect.stringMatching(`^${key} is not set, but ${cert} is`),
    ]);
    expect(problemsOf({ [key]: "k.pem" })).toEqual([expect.stringMatching(`^${cert} is not set, but ${key} is`)]);
    expect(problemsOf({ [ca]: "a.pem" })).toEqual([
      expect.stringMatching(`^${cert} is not set`),
      expect.stringMatching(`^${key} is not set`),
    ]);
  });

  test("the window size has bounds", () => {
    expect(problemsOf({ HARBINGER_WINDOW_SIZE: "999ms" })).toEqual(["HARBINGER_WINDOW_SIZE is below 1s"]);
    expect(problemsOf({ HARBINGER_WINDOW_SIZE: "61m" })).toEqual(["HARBINGER_WINDOW_SIZE is above 1h"]);
  });

  test("horizons are sorted, and the second is the primary one", () => {
    const config = loadConfig({ HARBINGER_HORIZONS: "60m, 5m,15m" });
    expect(config.horizonsMs).toEqual([300_000, 900_000, 3_600_000]);
    expect(config.primaryHorizonMs).toBe(900_000);
    expect(loadConfig({ HARBINGER_HORIZONS: "60m" }).primaryHorizonMs).toBe(3_600_000);
  });

  test("an empty value counts as unset", () => {
    expect(loadConfig({ DATABASE_URL: "", REDIS_URL: "  ", HARBINGER_HTTP_PORT: "" }).http.port).toBe(8080);
  });

  test("the OTLP endpoint gets the signal's path, the signal's own endpoint does not", () => {
    expect(loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" }).telemetry).toMatchObject({
      otlpMetricsEndpoint: "http://collector:4318/v1/metrics",
      otlpTracesEndpoint: "http://collector:4318/v1/traces",
    });
    const own = loadConfig({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://metrics:9090/otlp" }).telemetry;
    expect(own.otlpMetricsEndpoint).toBe("http://metrics:9090/otlp");
    expect(own.otlpTracesEndpoint).toBeUndefined();
  });

  test("nothing in it can be changed", () => {
    const config = loadConfig({}) as unknown as { windows: { sizeMs: number }; roles: string[] };
    expect(() => {
      config.windows.sizeMs = 1;
    }).toThrow(TypeError);
    expect(() => config.roles.push("cook")).toThrow(TypeError);
  });

  test("secrets show in no rendering of it, and not in the error about a bad one", () => {
    const config = loadConfig({ DATABASE_URL: "postgres://u:hunter2@h/d", HARBINGER_API_TOKENS: "hunter2,other" });
    for (const rendering of [JSON.stringify(config), inspect(config, { depth: 9 }), `${config.database.url}`]) {
      expect(rendering).not.toContain("hunter2");
      expect(rendering).toContain("***");
    }
    expect(config.database.url?.reveal()).toBe("postgres://u:hunter2@h/d");
    expect(config.api.tokens.map((token) => token.reveal())).toEqual(["hunter2", "other"]);
    const problems = problemsOf({ DATABASE_URL: "mysql://u:hunter2@h/d" });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain("hunter2");
  });

  test("a name that nobody reads is reported as such", () => {
    const env = { HARBINGER_PROT: "1", HARBINGER_HTTP_PORT: "1", HARBINGER_TEST_REQUIRE: "redis", PATH: "/" };
    expect(unknownSettings(env)).toEqual(["HARBINGER_PROT"]);
  });
});

describe("parsers", () => {
  const parse = (schema: ReturnType<typeof duration>, text: string) => schema.safeParse(text);

  test.each([
    ["500ms", 500],
    ["60s", 60_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["30d", 2_592_000_000],
    ["1.5s", 1_500],
  ])("%s is %d ms", (text, ms) => {
    expect(duration().parse(text)).toBe(ms);
  });

  test.each(["", "5", "s", "-1s", "5 minutes", "1e3s", "Infinitys", "NaN"])("%j is no duration", (text) => {
    expect(parse(duration(), text).success).toBe(false);
  });

  test.each([
    ["1048576", 1_048_576],
    ["64MiB", 67_108_864],
    ["10MB", 10_000_000],
    ["2 gib", 2_147_483_648],
  ])("%s is %d bytes", (text, bytes) => {
    expect(byteSize().parse(text)).toBe(bytes);
  });

  test("what is printed can be read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (value) => {
        expect(duration().parse(formatDuration(value))).toBe(value);
        expect(byteSize().parse(formatBytes(value))).toBe(value);
      }),
    );
  });

  test("a secret keeps its value to itself", () => {
    expect(Object.keys(new Secret("x"))).toEqual([]);
    expect(String(new Secret("x"))).toBe("***");
  });
});

describe("the configuration reference", () => {
  test("names every setting with its default and its meaning", () => {
    const page = renderConfigurationReference();
    for (const [name, setting] of Object.entries(SETTINGS)) {
      expect(setting.description, name).not.toBe("");
      expect(page).toContain(`| \`${name}\` |`);
      expect("default" in setting || "whenUnset" in setting, `${name} says what it is when unset`).toBe(true);
    }
  });

  test("every default passes its own parser", () => {
    expect(problemsOf({})).toEqual([]);
  });
});
