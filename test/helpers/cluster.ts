/** Several real processes of each role on one database and one Redis, as an operator would scale out; any of them may be killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HarbingerProcess, startHarbinger } from "./harbinger-process.ts";

export interface Cluster {
  members: readonly Member[];
  /** where senders go, dead members included: nobody told them yet */
  otlpUrls(roles?: string): string[];
  apiUrls(role: string): string[];
  /** SIGKILL; a new process takes its place. @returns when the old one is gone */
  kill(member: Member): Promise<void>;
  /** Starts one more. */
  add(roles: string, env?: Record<string, string>): Promise<Member>;
  /** when every process that was killed has been replaced by one that is ready */
  whole(): Promise<void>;
  /** Ends all processes and removes their folders. */
  dispose(): Promise<void>;
}

export interface Member {
  roles: string;
  process: HarbingerProcess;
}

/** @param roles as in HARBINGER_ROLES, one entry per process
 *  @param env shared by all, with DATABASE_URL and REDIS_URL */
export async function startCluster(roles: readonly string[], env: Record<string, string>): Promise<Cluster> {
  const members: Member[] = [];
  const restarts = new Set<Promise<void>>();
  const begin = async (role: string, more: Record<string, string> = {}) => {
    // Whoever fails to start says why; what is left of the others is ended by `dispose`.
    return startHarbinger({
      env: { HARBINGER_LOG_LEVEL: "warn", ...env, ...more, HARBINGER_ROLES: role },
      readyTimeoutMs: 120_000,
    });
  };
  const add = async (role: string, more?: Record<string, string>) => {
    const member = { roles: role, process: await begin(role, more) };
    members.push(member);
    return member;
  };
  const whole = async () => {
    while (restarts.size > 0) await Promise.all(restarts);
  };
  const cluster: Cluster = {
    members,
    otlpUrls: (wanted) =>
      members
        .filter((member) => member.roles.includes("receiver") && (wanted === undefined || member.roles === wanted))
        .map((member) => member.process.otlpUrl),
    apiUrls: (role) =>
      members.filter((member) => member.roles.split(",").includes(role)).map((member) => member.process.apiUrl),
    kill: async (member) => {
      await member.process.kill();
      const restart = (async () => {
        await member.process.dispose();
        member.process = await begin(member.roles);
      })();
      restarts.add(restart);
      restart.then(
        () => restarts.delete(restart),
        () => {},
      );
    },
    add,
    whole,
    dispose: async () => {
      await Promise.allSettled(restarts);
      await Promise.all(members.map((member) => member.process.dispose()));
    },
  };
  const started = await Promise.allSettled(roles.map((role) => add(role)));
  for (const one of started) {
    if (one.status === "fulfilled") continue;
    await cluster.dispose();
    throw one.reason;
  }
  return cluster;
}

/** @throws with what was seen last when it does not come true within a generous time */
export async function eventually<T>(
  look: () => Promise<T> | T,
  isRight: (seen: T) => boolean,
  { timeoutMs = 120_000, everyMs = 100, what = "it" }: { timeoutMs?: number; everyMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const seen = await look();
      if (isRight(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  const shown = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`${what} did not come true within ${timeoutMs} ms; seen last: ${shown}`);
}
