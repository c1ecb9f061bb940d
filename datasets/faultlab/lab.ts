/** The surroundings in which programs fail: a folder of their own with damaged files, servers that misbehave, and a database. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { type FaultyServers, startFaultyServers } from "./http-faults.ts";

export interface Lab {
  folder: string;
  /** where programs are built and run; theirs to write */
  workFolder: string;
  servers: FaultyServers;
  /** PATH, and the LAB_* variables of every program */
  environment: Record<string, string>;
  close(): Promise<void>;
}

const run = promisify(execFile);

export interface LabOptions {
  /** PATH of the programs */
  path: string;
  /** a PostgreSQL server on which faults may make temporary tables */
  databaseUrl: string;
}

export async function openLab({ path, databaseUrl }: LabOptions): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "faultlab-"));
  await chmod(folder, 0o755);
  const workFolder = join(folder, "work");
  await mkdir(workFolder, { mode: 0o777 });
  await chmod(workFolder, 0o777);
  await writeDamagedFiles(folder);
  const servers = await startFaultyServers(await selfSigned(folder));
  const at = (port: number): string => `127.0.0.1:${port}`;
  return {
    folder,
    workFolder,
    servers,
    environment: {
      PATH: path,
      LAB_DIR: folder,
      LAB_HTTP: at(servers.httpPort),
      LAB_SILENT: at(servers.silentPort),
      LAB_RESET: at(servers.resetPort),
      LAB_CLOSING: at(servers.closingPort),
      LAB_GARBAGE: at(servers.garbagePort),
      LAB_TLS: at(servers.tlsPort),
      LAB_REFUSED: at(servers.refusedPort),
      LAB_PG: databaseUrl,
    },
    async close() {
      await servers.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function selfSigned(folder: string): Promise<{ key: string; cert: string }> {
  const key = join(folder, "tls.key");
  const cert = join(folder, "tls.crt");
  const subject = ["-subj", "/CN=other.example.com", "-days", "1", "-nodes"];
  await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", cert, ...subject]);
  return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
}

async function writeDamagedFiles(folder: string): Promise<void> {
  const zipped = gzipSync("2024-03-01;EUR;1.07\n".repeat(200));
  const flipped = Buffer.from(zipped);
  flipped[flipped.length - 6] = (flipped[flipped.length - 6] ?? 0) ^ 0xff;
  const files: Record<string, string | Buffer> = {
    "cut.json": '{"id": 17, "lines": [{"sku": "A-1", "qty": ',
    "html.json": "<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
    "bad.xml": "<invoice><line>12</lines></invoice>",
    "bad.yaml": "retries: 3\n  host: [a, b\nport: :\n",
    "bad.csv": 'sku,qty\nA-1,2\n"A-2,7\nA-3\n',
    "latin1.txt": Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72, 0x0a]),
    "cut.gz": zipped.subarray(0, zipped.length - 12),
    "crc.gz": flipped,
    "not-a.zip": "this is no archive",
    "not-a.db": "this file is no database and never was one, whatever its name says".repeat(20),
    "secret.txt": "top secret",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await chmod(join(folder, "secret.txt"), 0o000);
  await mkdir(join(folder, "sealed"), { mode: 0o500 });
}
