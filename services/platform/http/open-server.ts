/** What every server here does, whatever it speaks: TLS from files that may be renewed, a port or a sentence why not, and an end that
 *  waits for what is in flight. */
import type { Server } from "node:net";
import { type ListenOptions, listen } from "./listen.ts";
import { followTls, readTls, serverOptionsOf, type TlsSource } from "./tls.ts";

export interface OpenServerOptions extends ListenOptions {
  /** absent: in plain text */
  tls?: TlsSource;
  /** one more is closed; absent: as many as the system allows */
  maxConnections?: number;
}

interface OpenServer<Kind> {
  server: Kind;
  /** without a trailing slash */
  url: string;
  port: number;
  /** Accepts no more connections and waits for those that are open. @param cutOff ends them after the grace period */
  close(graceMs: number, cutOff: () => void): Promise<void>;
}

/** Makes a server with its handlers attached. */
interface MakeServer<Secure, Plain> {
  secure(tls: ReturnType<typeof serverOptionsOf>): Secure;
  plain(): Plain;
}

/** @throws CONFLICT when the port is in use, INVALID_CONFIG when the address is not ours to listen on or TLS cannot be set up */
export async function openServer<Secure extends Server & Parameters<typeof followTls>[0], Plain extends Server>(
  options: OpenServerOptions,
  make: MakeServer<Secure, Plain>,
): Promise<OpenServer<Secure | Plain>> {
  const tls = options.tls === undefined ? null : { source: options.tls, first: await readTls(options.tls) };
  const secure = tls && make.secure(serverOptionsOf(tls.first));
  const server = secure ?? make.plain();
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  const { port, authority } = await listen(server, options);
  const stopFollowing = tls && secure && followTls(secure, tls.source, tls.first);
  return {
    server,
    url: `${tls === null ? "http" : "https"}://${authority}`,
    port,
    close: async (graceMs, cutOff) => {
      stopFollowing?.();
      const timer = setTimeout(cutOff, graceMs);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(timer);
    },
  };
}
