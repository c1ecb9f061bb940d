/** Makes a server listen, or says in one sentence why it cannot. */
import type { Server } from "node:net";
import { HarbingerError } from "../errors.ts";

export interface ListenOptions {
  host: string;
  /** 0 takes a free one */
  port: number;
  /** the setting that an operator would change when the port is taken */
  portSetting: string;
}

export interface Listening {
  port: number;
  /** `host:port`, as it stands in a URL */
  authority: string;
}

/** @throws CONFLICT when the port is in use, INVALID_CONFIG when the address is not ours to listen on */
export async function listen(server: Server, options: ListenOptions): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error) => reject(explainListenFailure(error, options));
    server.once("error", onError);
    server.listen(options.port, options.host, () => {
      server.off("error", onError);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { port, authority: `${host}:${port}` };
}

function explainListenFailure(error: Error, options: ListenOptions): HarbingerError {
  const code = "code" in error ? error.code : undefined;
  const where = `port ${options.port} on ${options.host}`;
  if (code === "EADDRINUSE") {
    return new HarbingerError("CONFLICT", `${where} is already in use; set ${options.portSetting} to another one`, {
      cause: error,
    });
  }
  return new HarbingerError("INVALID_CONFIG", `cannot listen on ${where} (${options.portSetting}): ${error.message}`, {
    cause: error,
  });
}
