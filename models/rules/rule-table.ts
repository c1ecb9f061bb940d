/** Every rule that ships. Order does not matter: evidence decides. */
import type { Rule } from "./rule.ts";
import { ACCESS_DENIED_RULES } from "./table/access-denied.ts";
import { CODE_DEFECT_RULES } from "./table/code-defect.ts";
import { CONFIGURATION_RULES } from "./table/configuration.ts";
import { CONFLICT_RULES } from "./table/conflict.ts";
import { CONNECTIVITY_RULES } from "./table/connectivity.ts";
import { CRASH_RULES } from "./table/crash.ts";
import { DATA_INTEGRITY_RULES } from "./table/data-integrity.ts";
import { DEPENDENCY_UNAVAILABLE_RULES } from "./table/dependency-unavailable.ts";
import { INVALID_INPUT_RULES } from "./table/invalid-input.ts";
import { NOT_FOUND_RULES } from "./table/not-found.ts";
import { RATE_LIMITED_RULES } from "./table/rate-limited.ts";
import { RESOURCE_EXHAUSTED_RULES } from "./table/resource-exhausted.ts";
import { SERIALIZATION_RULES } from "./table/serialization.ts";
import { COMPILED_RULES } from "./table/systems/compiled.ts";
import { DATABASE_RULES } from "./table/systems/databases.ts";
import { JVM_RULES } from "./table/systems/jvm.ts";
import { NODE_RULES } from "./table/systems/node.ts";
import { PLATFORM_RULES } from "./table/systems/platforms.ts";
import { PROTOCOL_RULES } from "./table/systems/proxies-and-protocols.ts";
import { PYTHON_RULES } from "./table/systems/python.ts";
import { SCRIPTING_RULES } from "./table/systems/scripting.ts";
import { STORE_RULES } from "./table/systems/stores-and-brokers.ts";
import { TIMEOUT_RULES } from "./table/timeout.ts";
import { CALLER_WORDS } from "./table/wording/callers.ts";
import { PROGRAM_WORDS } from "./table/wording/program.ts";
import { STATE_WORDS } from "./table/wording/state.ts";
import { WAITING_WORDS } from "./table/wording/waiting.ts";

export const RULES: readonly Rule[] = [
  ...WAITING_WORDS,
  ...STATE_WORDS,
  ...PROGRAM_WORDS,
  ...CALLER_WORDS,
  ...ACCESS_DENIED_RULES,
  ...CODE_DEFECT_RULES,
  ...CONFIGURATION_RULES,
  ...CONFLICT_RULES,
  ...CONNECTIVITY_RULES,
  ...CRASH_RULES,
  ...DATA_INTEGRITY_RULES,
  ...DEPENDENCY_UNAVAILABLE_RULES,
  ...INVALID_INPUT_RULES,
  ...NOT_FOUND_RULES,
  ...RATE_LIMITED_RULES,
  ...RESOURCE_EXHAUSTED_RULES,
  ...SERIALIZATION_RULES,
  ...TIMEOUT_RULES,
  ...JVM_RULES,
  ...PYTHON_RULES,
  ...NODE_RULES,
  ...COMPILED_RULES,
  ...SCRIPTING_RULES,
  ...DATABASE_RULES,
  ...STORE_RULES,
  ...PROTOCOL_RULES,
  ...PLATFORM_RULES,
];
