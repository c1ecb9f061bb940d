/** Every rule that ships. Order does not matter: evidence decides. */
import type { Rule } from "./rule.ts";
import { CALLER_RULES } from "./table/caller.ts";
import { NETWORK_RULES } from "./table/network.ts";
import { PEER_RULES } from "./table/peers.ts";
import { PROGRAM_RULES } from "./table/program.ts";
import { TIME_RULES } from "./table/time.ts";

export const RULES: readonly Rule[] = [
  ...NETWORK_RULES,
  ...TIME_RULES,
  ...PEER_RULES,
  ...CALLER_RULES,
  ...PROGRAM_RULES,
];
