/** What `services/main.ts` knows of a role. */
export interface RunningRole {
  name: string;
  /** where it can be reached, for the line that start-up prints */
  url?: string;
  /** Takes in nothing new, finishes what it has, and lets go of everything. */
  stop(): Promise<void>;
  ready(): Promise<ReadyReport> | ReadyReport;
}

export interface ReadyReport {
  ready: boolean;
  /** why not, or what it runs on */
  detail?: string;
}
