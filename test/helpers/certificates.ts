/** Certificates made when a test needs them, by the openssl program: no key lies in the repository. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificates {
  folder: string;
  /** paths of PEM files: an authority, and certificates that it signed for 127.0.0.1 and for a client */
  ca: string;
  server: KeyPair;
  client: KeyPair;
  /** of an authority that nobody trusts */
  stranger: KeyPair;
  /** makes another certificate for 127.0.0.1 in place of the first */
  renewServer(): void;
  dispose(): Promise<void>;
}

interface KeyPair {
  cert: string;
  key: string;
}

const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });

/** 3.0 is the first that signs by an authority in one step. */
export function hasOpenssl(): boolean {
  try {
    return /^OpenSSL [3-9]/.test(execFileSync("openssl", ["version"], { encoding: "utf8" }));
  } catch {
    return false;
  }
}

export async function createCertificates(): Promise<TestCertificates> {
  const folder = await mkdtemp(join(tmpdir(), "harbinger-tls-"));
  const path = (name: string) => join(folder, name);
  const pair = (name: string): KeyPair => ({ cert: path(`${name}.crt`), key: path(`${name}.key`) });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];

  const authority = (name: string): KeyPair => {
    const { cert, key } = pair(name);
    openssl("req", "-x509", ...newKey, "-subj", `/CN=${name}`, "-keyout", key, "-out", cert);
    return { cert, key };
  };
  const signed = (name: string, by: KeyPair): KeyPair => {
    const { cert, key } = pair(name);
    const options = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert];
    openssl("req", "-x509", ...newKey, "-CA", by.cert, "-CAkey", by.key, ...options);
    return { cert, key };
  };

  const ca = authority("authority");
  const server = signed("server", ca);
  return {
    folder,
    ca: ca.cert,
    server,
    client: signed("client", ca),
    stranger: signed("stranger", authority("other-authority")),
    renewServer: () => void signed("server", ca),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
