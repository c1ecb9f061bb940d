import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { createServer as createTlsServer, connect as tlsConnect } from "node:tls";
import { credentials, makeClientConstructor } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { HarbingerError } from "../../../services/platform/errors.ts";
import { followTls, readTls, serverOptionsOf } from "../../../services/platform/http/tls.ts";
import { createCertificates, hasOpenssl, type TestCertificates } from "../../helpers/certificates.ts";
import { callGrpc, exportPath } from "../../helpers/grpc-client.ts";
import { nanos, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { encodeRequest } from "../../helpers/otlp-proto.ts";
import { send, startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { NOW_MS } from "../../helpers/summarise-options.ts";

const body = encodeRequest("traces", tracesRequest([{ kind: 2, endTimeUnixNano: nanos(NOW_MS) }]));
const SETTINGS = { certFile: "CERT_SETTING", keyFile: "KEY_SETTING", clientCaFile: "CA_SETTING" };

if (!hasOpenssl()) console.warn("no openssl: the TLS tests are skipped");

describe.skipIf(!hasOpenssl())("TLS", () => {
  let made: TestCertificates;
  let receiver: TestReceiver | undefined;
  beforeAll(async () => {
    made = await createCertificates();
  });
  afterAll(() => made.dispose());
  afterEach(async () => {
    await receiver?.stop();
    receiver = undefined;
  });

  const start = async (options: { mutual: boolean }) => {
    const { cert: certFile, key: keyFile } = made.server;
    receiver = await startTestReceiver({
      tls: { certFile, keyFile, ...(options.mutual && { clientCaFile: made.ca }) },
    });
    return receiver;
  };
  type Who = "client" | "stranger" | "nobody";
  const pemOf = (who: Who) =>
    who === "nobody" ? {} : { cert: readFileSync(made[who].cert), key: readFileSync(made[who].key) };

  /** @returns the status, or why there is none */
  const overHttp = (port: number, who: Who): Promise<number | string> =>
    new Promise((resolve) => {
      const options = { method: "POST", headers: { "content-type": "application/x-protobuf" }, agent: false };
      const tls = { ca: readFileSync(made.ca), ...pemOf(who) };
      const request = httpsRequest(`https://127.0.0.1:${port}/v1/traces`, { ...options, ...tls }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode ?? 0));
      });
      request.on("error", (error) => resolve(`failed: ${error.message}`));
      request.end(body);
    });
  const grpcCredentials = (who: Who) => {
    const { cert = null, key = null } = pemOf(who) as { cert?: Buffer; key?: Buffer };
    return credentials.createSsl(readFileSync(made.ca), key, cert);
  };
  const overGrpc = async (port: number, who: Who) =>
    (await callGrpc(port, exportPath("traces"), body, { credentials: grpcCredentials(who) })).code;

  it("takes telemetry on both ports, and its address says https", async () => {
    const { url, port, grpcPort, batches } = await start({ mutual: false });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    expect(await overHttp(port, "nobody")).toBe(200);
    expect(await overGrpc(grpcPort, "nobody")).toBe(0);
    expect(batches()).toHaveLength(2);
  });

  it("refuses who does not speak TLS", async () => {
    const { port, grpcPort, batches } = await start({ mutual: false });
    const plain = send(`http://127.0.0.1:${port}/v1/traces`, { body });
    await expect(plain).rejects.toThrow(/socket hang up|ECONNRESET|Parse Error/);
    expect((await callGrpc(grpcPort, exportPath("traces"), body)).code).toBe(14);
    expect(batches()).toHaveLength(0);
  });

  it("does not speak TLS 1.1", async () => {
    const { port, grpcPort } = await start({ mutual: false });
    for (const each of [port, grpcPort]) {
      const outcome = await new Promise<string>((resolve) => {
        const options = { rejectUnauthorized: false, minVersion: "TLSv1.1", maxVersion: "TLSv1.1" } as const;
        const socket = tlsConnect(each, "127.0.0.1", { ...options, ciphers: "DEFAULT@SECLEVEL=0" }, () => {
          resolve(`connected by ${socket.getProtocol()}`);
          socket.destroy();
        });
        socket.on("error", () => resolve("refused"));
      });
      expect(outcome).toBe("refused");
    }
  });

  it.each<[Who, boolean]>([
    ["client", true],
    ["stranger", false],
    ["nobody", false],
  ])("under mTLS the %s is let in: %s", async (who, isLetIn) => {
    const { port, grpcPort, batches } = await start({ mutual: true });
    expect(await overHttp(port, who)).toEqual(isLetIn ? 200 : expect.stringMatching(/^failed: /));
    expect(await overGrpc(grpcPort, who)).toBe(isLetIn ? 0 : 14);
    expect(batches()).toHaveLength(isLetIn ? 2 : 0);
  });

  it("answers health checks over TLS", async () => {
    const { grpcPort } = await start({ mutual: true });
    const HealthClient = makeClientConstructor(healthService, "Health");
    const client = new HealthClient(`127.0.0.1:${grpcPort}`, grpcCredentials("client"));
    const answer = await new Promise((resolve) => {
      client.check?.({ service: "" }, (error: unknown, value: unknown) => resolve(error ?? value));
    });
    expect(answer).toEqual({ status: "SERVING" });
    client.close();
  });

  describe("bad files", () => {
    const problemsWith = async (files: Partial<Record<keyof typeof SETTINGS, string>>): Promise<string> => {
      const { cert: certFile, key: keyFile } = made.server;
      const source = { files: { certFile, keyFile, ...files }, settings: SETTINGS, logger: silentLogger };
      try {
        await readTls(source);
        return "";
      } catch (error) {
        expect(error).toMatchObject({ code: "INVALID_CONFIG" });
        return (error as HarbingerError).message;
      }
    };

    it("each is named with its setting, all at once", async () => {
      const garbage = join(made.folder, "garbage.pem");
      await writeFile(garbage, "-----BEGIN NOTHING-----\n");
      const message = await problemsWith({ certFile: garbage, keyFile: "/nowhere/key.pem", clientCaFile: garbage });
      expect(message).toMatch(/CERT_SETTING: .*garbage\.pem does not hold a certificate/);
      expect(message).toMatch(/KEY_SETTING: \/nowhere\/key\.pem cannot be read \(.*ENOENT/);
      expect(message).toMatch(/CA_SETTING: .*garbage\.pem does not hold a certificate/);
    });

    it("a key of another certificate is told", async () => {
      expect(await problemsWith({ keyFile: made.client.key })).toMatch(/KEY_SETTING: .* is not the key of/);
      expect(await problemsWith({})).toBe("");
    });

    it("the receiver does not start with them, and leaves no port open", async () => {
      const tls = { certFile: "/nowhere/cert.pem", keyFile: made.server.key };
      await expect(startTestReceiver({ tls })).rejects.toMatchObject({
        code: "INVALID_CONFIG",
        message: expect.stringContaining("HARBINGER_OTLP_TLS_CERT_FILE: /nowhere/cert.pem cannot be read"),
      });
    });
  });

  it("a renewed certificate is taken up while the server runs, a broken one is not", async () => {
    const { cert: certFile, key: keyFile } = made.server;
    const source = { files: { certFile, keyFile }, settings: SETTINGS, logger: silentLogger };
    const first = await readTls(source);
    const server = createTlsServer(serverOptionsOf(first), (socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const stop = followTls(server, source, first, 10);
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const socket = tlsConnect(port, "127.0.0.1", { ca: readFileSync(made.ca) }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    const before = await serial();
    const whole = readFileSync(certFile);
    await writeFile(certFile, "half");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await serial()).toBe(before);
    await writeFile(certFile, whole);
    made.renewServer();
    let after = before;
    for (let round = 0; round < 100 && after === before; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      after = await serial();
    }
    expect(after).not.toBe(before);
    stop();
    server.close();
  });
});
