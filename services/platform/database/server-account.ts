/** PostgreSQL refuses to run as root. Started by root, the server runs as the `postgres` user, which is made when it is missing. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { HarbingerError } from "../errors.ts";

const run = promisify(execFile);

/** whom the server's processes run as; undefined = as ourselves */
export type ServerAccount = { uid: number; gid: number } | undefined;

const USER = "postgres";

/** @throws UNAVAILABLE when root has no such user and cannot make one */
export async function findServerAccount(): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await create());
}

async function lookUp(): Promise<ServerAccount> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", USER]), run("id", ["-g", USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function create(): Promise<ServerAccount> {
  let reason: unknown;
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]);
  } catch (error) {
    reason = error;
  }
  // Another process may have made it at the same moment, in which case useradd fails and all is well.
  const account = await lookUp();
  if (account !== undefined) return account;
  throw new HarbingerError(
    "UNAVAILABLE",
    `PostgreSQL cannot run as root, and the user "${USER}" could not be created: create it, start Harbinger as another user, or set DATABASE_URL`,
    { cause: reason },
  );
}
