/** How many jobs a worker may hold at once, by how large they have been lately: many small ones, few large ones. */

export interface JobsInHand {
  /** Takes note of a job's size. @returns how many jobs of the largest size seen lately may be held, `leastJobs` to `mostJobs` */
  see(bytes: number): number;
}

export interface JobsInHandBounds {
  /** whatever their size, and until the first is seen */
  leastJobs: number;
  mostJobs: number;
  maxBytes: number;
}

/** A large job is forgotten slowly: after a hundred small ones it counts as a hundredth. */
const KEPT_PER_JOB = 0.955;

export function createJobsInHand({ leastJobs, mostJobs, maxBytes }: JobsInHandBounds): JobsInHand {
  let largestBytes = 1;
  return {
    see: (bytes) => {
      largestBytes = Math.max(bytes, largestBytes * KEPT_PER_JOB, 1);
      return Math.min(mostJobs, Math.max(leastJobs, Math.floor(maxBytes / largestBytes)));
    },
  };
}
