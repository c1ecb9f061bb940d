/** Several real processes of each role on one database and one Redis, as an operator would scale out; any of them may be killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { type HarbingerProcess, startHarbinger } from "./harbinger-process.ts";

export interface Cluster {
  members: readonly Member[];
  /** where senders go, dead members included: nobody told them yet */
  otlpUrls(): string[];
  apiUrls(role: string): string[];
  /** SIGKILL, once it is there to be killed; a new process takes its place. @returns when the old one is gone */
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
  /** beside what all share */
  env: Record<string, string>;
  process: HarbingerProcess;
  /** fulfilled unless it is being replaced */
  replaced: Promise<void>;
}

/** @param roles as in HARBINGER_ROLES, one entry per process
 *  @param env shared by all, with DATABASE_URL and REDIS_URL */
export async function startCluster(roles: readonly string[], env: Record<string, string>): Promise<Cluster> {
  const members: Member[] = [];
  const begin = (role: string, more: Record<string, string>) =>
    startHarbinger({
      env: { HARBINGER_LOG_LEVEL: "warn", ...env, ...more, HARBINGER_ROLES: role },
    });
  const startMember = async (role: string, more: Record<string, string> = {}): Promise<Member> => {
    const process = await begin(role, more);
    return { roles: role, env: more, process, replaced: Promise.resolve() };
  };
  const cluster: Cluster = {
    members,
    otlpUrls: () =>
      members.filter((member) => member.roles.includes("receiver")).map((member) => member.process.otlpUrl),
    apiUrls: (role) =>
      members.filter((member) => member.roles.split(",").includes(role)).map((member) => member.process.apiUrl),
    kill: async (member) => {
      await member.replaced;
      await member.process.kill();
      member.replaced = (async () => {
        await member.process.dispose();
        member.process = await begin(member.roles, member.env);
      })();
      // Whoever waits for it hears of a failure; nobody may be waiting yet.
      member.replaced.catch(() => {});
    },
    add: async (role, more) => {
      const member = await startMember(role, more);
      members.push(member);
      return member;
    },
    whole: async () => {
      await Promise.all(members.map((member) => member.replaced));
    },
    dispose: async () => {
      await Promise.allSettled(members.map((member) => member.replaced));
      await Promise.all(members.map((member) => member.process.dispose()));
    },
  };
  const started = await Promise.allSettled(roles.map((role) => startMember(role)));
  // In the order asked for, so that the same seed picks the same members.
  members.push(...started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
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
