/** Several Harbinger processes on a Redis and a database of their own. */
import { type Cluster, startCluster } from "../../helpers/cluster.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { type RedisServer, startRedisServer } from "../../helpers/redis-server.ts";

export interface Fleet {
  redis: RedisServer;
  databaseUrl: string;
  cluster: Cluster;
  /** ends the processes, then what they stood on */
  dispose(): Promise<void>;
}

/** @param members the roles of each process   @param settings beside those of the stores */
export async function startFleet(members: string[], settings: Record<string, string> = {}): Promise<Fleet> {
  const redis = await startRedisServer();
  const database = await createEmptyDatabase();
  const disposeStores = async () => {
    await redis.dispose();
    await database.drop();
  };
  try {
    const stores = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const cluster = await startCluster(members, { ...stores, ...settings });
    const dispose = async () => {
      await cluster.dispose();
      await disposeStores();
    };
    return { redis, databaseUrl: database.url, cluster, dispose };
  } catch (error) {
    await disposeStores();
    throw error;
  }
}
