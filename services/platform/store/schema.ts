/** All tables; each family's types live beside its stores. */
import type { GroupingTables } from "./grouping-tables.ts";
import type { JudgementTables } from "./judgement-tables.ts";
import type { LifecycleTables } from "./lifecycle-tables.ts";
import type { RegistryTables } from "./registry-tables.ts";
import type { TelemetryTables } from "./telemetry-tables.ts";

export interface Schema extends TelemetryTables, RegistryTables, JudgementTables, GroupingTables, LifecycleTables {}
