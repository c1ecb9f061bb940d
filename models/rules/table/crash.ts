/** Deaths of processes, kernels and hardware: signal(7), container runtimes and supervisors. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const CRASH_RULES: readonly Rule[] = [
  {
    id: "crash-signal",
    class: "crash",
    strength: 0.95,
    codes: names(`
      signal:SIGSEGV signal:SIGKILL signal:SIGBUS signal:SIGILL signal:SIGABRT signal:SIGFPE signal:SIGTRAP signal:SIGSYS
      signal:SIGQUIT errno:EIO sqlstate:58030 sqlstate:58000
    `),
    types: names(`
      SIGSEGV SIGKILL SIGABRT WorkerLostError BrokenProcessPool AccessViolationException ExecutionEngineException SEHException
      ProcessTerminatedError DeadWorkerError InternalError
    `),
    without: phrases("nil pointer | goroutine | heap out of memory | heap limit"),
    examples: [{ message: "worker exited with code 139", attributes: { "process.exit.code": 139 } }],
  },
  {
    id: "crash-hint",
    class: "crash",
    strength: 0.6,
    phrases: phrases("killed | aborted | died | panic: kernel | fell over"),
    without: phrases("connection | request | transaction | query | statement | operation | stream"),
    examples: ["713 Killed /usr/bin/convert"],
    notOn: [{ message: "deploy aborted: permission denied", is: "access_denied" }],
  },
  {
    id: "crash-phrase",
    class: "crash",
    strength: 0.92,
    phrases: phrases(`
      segmentation fault | segfault | segmentation violation | core dumped | dumped core
      fatal error has been detected by the java runtime | hs_err_pid | killed process | oom kill | oom killed | oomkilled
      oom killer | out of memory: killed | memory cgroup out of memory | was terminated by signal | terminated by signal
      killed by signal | died with <signals | exited on signal | received signal | signal: killed | signal: aborted
      signal: segmentation fault | code=killed | code=dumped | result 'signal' | result 'core dump' | aborted (core
      stack smashing detected | trace/breakpoint trap | illegal instruction | bus error | floating point exception | kernel panic
      kernel bug at | oops: | general protection fault | soft lockup | hard lockup | machine check | hardware error
      input/output error | i/o error, dev | buffer i/o error | disk i/o error | medium error | uncorrectable | mce: | nmi watchdog
      blue screen | fatal: not syncing | worker process * exited | worker died | worker was killed | process died
      process exited unexpectedly | process exited abnormally | died unexpectedly | terminated unexpectedly | terminated abruptly
      exited unexpectedly | abnormal program termination | access violation | 0xc0000005 | double fault | unexpected shutdown
      crashed | crash | back off restarting failed container | crashloopbackoff | was killed | got killed | has died | is dead
      server process * was terminated | cpu stuck | remounting filesystem read only | ata bus error | failed command: read | nvme
      smart error | fatal python error | erl_crash.dump | init terminating in do_boot | runtime terminated | fatal error in native
      native crash | worker exited | child exited with | child pid * exit signal | uncaughtexception | fatal signal
      unexpected signal | jvm crash | exit code 137 | exit code 139 | exit code 134 | lost power | power failure | rebooted
      watchdog did not stop
    `),
    without: phrases("nil pointer dereference | memory limit of | is marked as crashed"),
    severity: "critical",
    examples: ["Segmentation fault (core dumped)"],
  },
];
