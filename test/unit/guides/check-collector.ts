/** Holds a Collector's configuration to its documented settings, and to itself: what is named is defined, and what is defined is used. */
import { COMPONENTS, type ComponentKind, type Settings, type SettingType } from "./collector-settings.ts";

type Tree = { readonly [name: string]: unknown };

const KINDS: readonly ComponentKind[] = ["receivers", "processors", "exporters", "extensions"];
const SIGNALS = ["traces", "metrics", "logs"];
const DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;
const SUBSTITUTION = /\$\{env:[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}/;

/** Keys and types only: also of a fragment. @returns one sentence per problem */
export function checkSettings(config: unknown): string[] {
  if (!isTree(config)) return ["the configuration is not a map"];
  const problems: string[] = [];
  for (const key of Object.keys(config)) {
    if (key !== "service" && !isKind(key)) problems.push(`${key} is no section of a configuration`);
  }
  for (const kind of KINDS) {
    for (const [id, value] of Object.entries(sectionOf(config, kind))) {
      const settings = COMPONENTS[kind][typeOf(id)];
      if (settings === undefined) problems.push(`${kind}.${id}: no documented component has this type`);
      else problems.push(...checkTree(value ?? {}, settings, `${kind}.${id}`));
    }
  }
  return problems;
}

/** Pipelines and references of a whole configuration. @returns one sentence per problem */
export function checkWiring(config: unknown): string[] {
  if (!isTree(config)) return ["the configuration is not a map"];
  const problems: string[] = [];
  const used = new Set<string>();
  const use = (kind: ComponentKind, id: unknown, where: string) => {
    used.add(`${kind}.${String(id)}`);
    if (!(String(id) in sectionOf(config, kind))) problems.push(`${where} names ${String(id)}, which is not defined`);
  };

  const service = isTree(config.service) ? config.service : {};
  const started = Array.isArray(service.extensions) ? service.extensions.map(String) : [];
  for (const id of started) use("extensions", id, "service.extensions");
  const pipelines = isTree(service.pipelines) ? service.pipelines : {};
  if (Object.keys(pipelines).length === 0) problems.push("service.pipelines is empty");
  for (const [id, pipeline] of Object.entries(pipelines)) {
    const where = `service.pipelines.${id}`;
    if (!SIGNALS.includes(typeOf(id))) problems.push(`${where} is none of ${SIGNALS.join(", ")}`);
    for (const kind of ["receivers", "processors", "exporters"] as const) {
      const ids: unknown = isTree(pipeline) ? pipeline[kind] : undefined;
      const list = Array.isArray(ids) ? ids : [];
      if (list.length === 0 && kind !== "processors") problems.push(`${where}.${kind} is empty`);
      for (const one of list) use(kind, one, `${where}.${kind}`);
      const limiter = list.findIndex((one) => typeOf(String(one)) === "memory_limiter");
      if (limiter > 0) problems.push(`${where}.processors: memory_limiter must be first`);
    }
  }
  for (const { path, id } of referencesIn(config)) {
    if (!started.includes(id)) problems.push(`${path} names ${id}, which service.extensions does not start`);
  }
  for (const kind of KINDS) {
    for (const id of Object.keys(sectionOf(config, kind))) {
      if (!used.has(`${kind}.${id}`)) problems.push(`${kind}.${id} is defined and never used`);
    }
  }
  return problems;
}

function checkTree(value: unknown, { settings, documentedAt }: Settings, path: string): string[] {
  if (!isTree(value)) return [`${path} is not a map (${documentedAt})`];
  return Object.entries(value).flatMap(([name, inner]) => {
    const type = settings[name];
    if (type === undefined) return [`${path}.${name} is not documented (${documentedAt})`];
    return checkValue(inner, type, `${path}.${name}`, documentedAt);
  });
}

function checkValue(value: unknown, type: SettingType, path: string, documentedAt: string): string[] {
  if (typeof type === "object" && "settings" in type) return checkTree(value ?? {}, type, path);
  if (typeof type === "object" && "listOf" in type) {
    if (!Array.isArray(value)) return [`${path} is not a list (${documentedAt})`];
    return value.flatMap((one, index) => checkValue(one, type.listOf, `${path}[${index}]`, documentedAt));
  }
  // What the environment says is known only where it runs.
  if (typeof value === "string" && SUBSTITUTION.test(value)) return [];
  if (typeof type === "object") {
    const isKnown = type.oneOf.some((known) => known === value);
    return isKnown ? [] : [`${path} is none of ${type.oneOf.join(", ")} (${documentedAt})`];
  }
  return SCALARS[type](value) ? [] : [`${path} is not a ${type} (${documentedAt})`];
}

const SCALARS: Readonly<Record<Extract<SettingType, string>, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  flag: (value) => typeof value === "boolean",
  "whole number": (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  duration: (value) => (typeof value === "string" && DURATION.test(value)) || value === 0,
  extension: (value) => typeof value === "string",
  "texts by name": (value) => isTree(value) && Object.values(value).every((text) => typeof text === "string"),
};

/** Every setting whose documented type is the id of an extension. */
function referencesIn(config: Tree): { path: string; id: string }[] {
  return KINDS.flatMap((kind) =>
    Object.entries(sectionOf(config, kind)).flatMap(([id, value]) => {
      const settings = COMPONENTS[kind][typeOf(id)];
      return settings === undefined ? [] : referencesOf(value, settings, `${kind}.${id}`);
    }),
  );
}

function referencesOf(value: unknown, type: SettingType, path: string): { path: string; id: string }[] {
  if (type === "extension") return typeof value === "string" ? [{ path, id: value }] : [];
  if (typeof type !== "object") return [];
  if ("listOf" in type) return Array.isArray(value) ? value.flatMap((one) => referencesOf(one, type.listOf, path)) : [];
  if (!("settings" in type) || !isTree(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const innerType = type.settings[name];
    return innerType === undefined ? [] : referencesOf(inner, innerType, `${path}.${name}`);
  });
}

function sectionOf(config: Tree, kind: ComponentKind): Tree {
  const section = config[kind];
  return isTree(section) ? section : {};
}

function typeOf(id: string): string {
  return id.split("/", 1)[0] ?? id;
}

function isKind(key: string): key is ComponentKind {
  return KINDS.some((kind) => kind === key);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
