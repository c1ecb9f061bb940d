/** A server's certificate from PEM files: checked when it is read, so that a bad file is a sentence at start and not a failed handshake
 *  later, and read again while the server runs, so that a renewed one needs no restart. */
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type Server } from "node:tls";
import type { TlsFiles } from "../config/config.ts";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";

export interface TlsSource {
  files: TlsFiles;
  /** what an operator would change */
  settings: Readonly<Record<keyof TlsFiles, string>>;
  /** hears of renewals */
  logger: Logger;
}

export interface TlsMaterial {
  context: SecureContextOptions;
  requiresClientCertificate: boolean;
  /** of the files' content */
  digest: string;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
const LOOK_AGAIN_MS = 60_000;

/** @throws INVALID_CONFIG that names every setting that is wrong */
export async function readTls({ files, settings }: TlsSource): Promise<TlsMaterial> {
  const problems: string[] = [];
  const read = async (name: keyof TlsFiles, check: (pem: string) => void, what: string) => {
    const path = files[name];
    if (path === undefined) return undefined;
    try {
      const pem = await readFile(path, "utf8");
      try {
        check(pem);
        return pem;
      } catch {
        problems.push(`${settings[name]}: ${path} does not hold ${what} in PEM`);
      }
    } catch (error) {
      problems.push(`${settings[name]}: ${path} cannot be read (${error instanceof Error ? error.message : error})`);
    }
    return undefined;
  };
  const isCertificate = (pem: string) => void new X509Certificate(pem);
  const cert = await read("certFile", isCertificate, "a certificate");
  const key = await read("keyFile", (pem) => void createPrivateKey(pem), "a private key without a passphrase");
  const ca = await read("clientCaFile", isCertificate, "a certificate");
  if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    problems.push(`${settings.keyFile}: ${files.keyFile} is not the key of the certificate in ${files.certFile}`);
  }
  if (problems.length > 0 || cert === undefined || key === undefined) {
    throw new HarbingerError(
      "INVALID_CONFIG",
      `TLS cannot be set up:\n${problems.map((line) => `  ${line}`).join("\n")}`,
      {
        details: { problems },
      },
    );
  }
  const context: SecureContextOptions = { cert, key, minVersion: "TLSv1.2", ...(ca !== undefined && { ca }) };
  checkContext(context, settings);
  const digest = createHash("sha256")
    .update([cert, key, ca ?? ""].join("\0"))
    .digest("hex");
  return { context, requiresClientCertificate: ca !== undefined, digest };
}

/** What `https.createServer` and `http2.createSecureServer` take. */
export function serverOptionsOf({ context, requiresClientCertificate }: TlsMaterial) {
  return {
    ...context,
    requestCert: requiresClientCertificate,
    rejectUnauthorized: requiresClientCertificate,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}

/** Looks at the files once a minute; by content, because mounted secrets are replaced as links. Connections that are open keep what they
 *  have. @returns stops looking */
export function followTls(
  server: Pick<Server, "setSecureContext">,
  source: TlsSource,
  first: TlsMaterial,
  everyMs = LOOK_AGAIN_MS,
): () => void {
  let digest = first.digest;
  async function look(): Promise<void> {
    try {
      const material = await readTls(source);
      if (material.digest === digest) return;
      server.setSecureContext(material.context);
      digest = material.digest;
      source.logger.info({ certificate: source.files.certFile }, "took up the renewed TLS certificate");
    } catch (error) {
      // a file may be half written: the old certificate serves on, and the next look may find it whole
      source.logger.warn({ err: error }, "the TLS files have changed and cannot be used; serving with the old ones");
    }
  }
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Whatever OpenSSL refuses that the checks above let through, such as a key that is too short. */
function checkContext(context: SecureContextOptions, settings: TlsSource["settings"]): void {
  try {
    createSecureContext(context);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HarbingerError(
      "INVALID_CONFIG",
      `TLS cannot be set up from ${settings.certFile} and ${settings.keyFile}: ${reason}`,
      {
        cause,
      },
    );
  }
}
