/** A durable queue of jobs, delivered at least once. What it leaves out on purpose: priorities, flows and results; whoever needs the
 *  outcome of a job reads it from the database. */
export interface JobQueue<T> {
  /** Resolves only once the job is durable. Adding a `jobId` that is still known to the queue changes nothing.
   *  @throws UNAVAILABLE when the queue's store cannot be reached */
  add(name: string, payload: T, options?: { jobId?: string }): Promise<{ id: string }>;

  /** Starts taking jobs. A retryable error brings the job back with exponential backoff; any other fails it at once. */
  work(handler: JobHandler<T>, options: WorkOptions): JobWorker;

  depth(): Promise<QueueDepth>;

  /** How long the job that is next has been there. @returns 0 when none waits, null when its id, given by the caller, does not tell */
  oldestWaitingAgeMs(): Promise<number | null>;

  /** Jobs that were given up and are kept, the newest first. Each is read whole: ask for few. */
  failedJobs(page: { limit: number; skip?: number }): Promise<FailedJob[]>;

  /** Puts failed jobs back into the queue.
   *  @param ids absent: all of them; one that is not a failed job is passed over
   *  @returns how many were put back */
  retryFailed(ids?: readonly string[]): Promise<number>;

  /** Creates or replaces a schedule. @throws INVALID_INPUT for a pattern or time zone that cannot be understood */
  upsertSchedule(name: string, schedule: Schedule, payload: T): Promise<void>;
  /** @returns whether there was one */
  removeSchedule(name: string): Promise<boolean>;
  schedules(): Promise<ScheduleView<T>[]>;
}

export interface WorkOptions {
  /** jobs that the worker holds at once; with `bySize`, until it has seen one and when they are large */
  concurrency: number;
  /** it holds up to `mostJobs` as long as so many of the largest seen lately are no more than `maxBytes` */
  bySize?: { mostJobs: number; maxBytes: number };
}

export type JobHandler<T> = (job: Job<T>) => Promise<unknown>;

export interface Job<T> {
  id: string;
  name: string;
  payload: T;
  /** 1 on the first attempt; a job taken over from a dead worker keeps its attempt */
  attempt: number;
  reportProgress(progress: object): Promise<void>;
}

export interface JobWorker {
  /** Takes no more jobs and waits for those it has. */
  close(): Promise<void>;
}

export interface QueueDepth {
  waiting: number;
  active: number;
  /** waiting for their backoff or their schedule */
  delayed: number;
  /** given up and kept: the dead letters */
  failed: number;
}

export interface FailedJob {
  id: string;
  addedAtMs: number;
  failedAtMs: number | null;
  attempts: number;
  /** code and message of what it failed on */
  reason: string;
  payloadBytes: number;
}

/** exactly one of `pattern` (cron, five or six fields) and `everyMs` */
export interface Schedule {
  pattern?: string;
  everyMs?: number;
  /** IANA name for `pattern`; UTC when absent */
  timezone?: string;
}

export interface ScheduleView<T> extends Schedule {
  name: string;
  nextRunAtMs: number | null;
  payload: T;
}
